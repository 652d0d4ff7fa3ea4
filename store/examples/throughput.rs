use domain::command::Command;
use domain::customer::{CustomerCommand, Profile};
use domain::id::{CustomerId, TenantId};
use std::time::Instant;
use store::*;
fn main() {
    let url = std::env::args().nth(1).unwrap();
    let rt = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    rt.block_on(async {
        let ledger = Ledger::open(&url, Options::new([1; 32])).await.unwrap();
        let tenant = TenantId::parse("coaching").unwrap();
        let run = ledger.head().await.unwrap();
        for (round, callers) in [(0, 64usize), (1, 1), (2, 64), (3, 256), (4, 64)] {
            let t = Instant::now();
            let each = if callers == 1 { 2000 } else { 120_000 / callers };
            let mut hs = vec![];
            for c in 0..callers {
                let ledger = ledger.clone();
                let tenant = tenant.clone();
                hs.push(tokio::spawn(async move {
                    let id = CustomerId::parse(&format!("cus_{run}_{round}_{c}")).unwrap();
                    let mk = |n: usize| Profile { country: Some(format!("C{n}")), acquisition_source: Some("organic".into()), ..Profile::default() };
                    for n in 0..each {
                        let command = if n == 0 {
                            CustomerCommand::Create { id: id.clone(), profile: Box::new(mk(n)), method: None }
                        } else {
                            CustomerCommand::Update { profile: Box::new(mk(n)) }
                        };
                        let request = Request { tenant: tenant.clone(), actor: "key:x".into(), request_id: Some("r".into()), cause: None, now: ledger.clock().now(), commands: vec![Command::Customer(id.clone(), command)], claims: vec![], releases: vec![], event_ids: EventIds::Fresh, idempotency: None, expect_new: n == 0 };
                        ledger.execute(request).await.unwrap();
                    }
                }));
            }
            for h in hs { h.await.unwrap(); }
            let n = each * callers;
            println!("{callers} callers: {:.0}/s", n as f64 / t.elapsed().as_secs_f64());
        }
        let t = Instant::now();
        let (mut after, mut n) = (0, 0);
        loop {
            let page = ledger.read(after, 5000).await.unwrap();
            let Some(last) = page.last() else { break };
            after = last.position; n += page.len();
        }
        println!("read {n}: {:.0}/s", n as f64 / t.elapsed().as_secs_f64());
        let t = Instant::now();
        ledger.verify(&mut |_, _| {}).await.unwrap();
        println!("verify: {:.0}/s", n as f64 / t.elapsed().as_secs_f64());
    });
}
