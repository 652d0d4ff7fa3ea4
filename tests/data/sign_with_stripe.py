"""Signs bodies with Stripe's own client: a hexadecimal body a line in, a Stripe-Signature header a line out."""

import sys

import stripe

secret, timestamp = sys.argv[1], sys.argv[2]
for line in sys.stdin:
    body = bytes.fromhex(line.strip()).decode("utf-8")
    signature = stripe.WebhookSignature._compute_signature(f"{timestamp}.{body}", secret)
    print(f"t={timestamp},v1={signature}")
