"""What the seeded database and the tests agree on."""

import base64

SECRETS = {
    # not ASCII on purpose: EasyPost signs with the NFKD form
    "easypost": "délai-easypost-4711-not-a-real-secret",
    "canonical": "whsec_" + base64.b64encode(b"canonical source, only for tests").decode(),
    "quiet": "whsec_" + base64.b64encode(b"quiet source, only for the tests").decode(),
    "flood": "whsec_" + base64.b64encode(b"flooding source, only for tests.").decode(),
    "limited": "whsec_" + base64.b64encode(b"limited source, only for the tests").decode(),
}
# one sale order and one delivery stand behind each
NUMBERS = [f"1Z999AA1{number:010}" for number in range(1, 21)]
AGENT = "ada"
