//! `daybook token`: prints a JSON Web Token alone on stdout.

use clap::Args;

use super::{CommandError, tenant_of};
use crate::auth::jwt::{Claims, TOKEN_LIFE_S, issue};
use crate::settings::Settings;

#[derive(Debug, Args)]
pub struct Token {
    #[arg(long)]
    tenant: String,
    #[arg(long)]
    user: String,
    #[arg(long)]
    role: Option<String>,
    #[arg(long)]
    entity: Option<String>,
}

pub(super) fn run(settings: &Settings, command: &Token) -> Result<(), CommandError> {
    let tenant = tenant_of(settings, &command.tenant)?;
    let now_s = store::Clock::Real.now().as_second();
    let claims = Claims {
        sub: command.user.clone(),
        tenant: tenant.to_string(),
        role: command.role.clone(),
        entity: command.entity.clone(),
        iat: now_s,
        exp: now_s + TOKEN_LIFE_S,
    };
    let token = issue(&claims, &settings.secrets.jwt_secret).map_err(|error| CommandError::Usage(error.to_string()))?;
    println!("{token}");
    Ok(())
}
