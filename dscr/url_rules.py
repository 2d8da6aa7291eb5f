"""Who may open each URL: everyone (PUBLIC), everyone signed in (SIGNED_IN), or who may do an action of
dscr/access/roles.py. Within a page, rows are narrowed by `for_user`."""

from dscr.access.rules import PUBLIC, SIGNED_IN

RULES = {
    "home": SIGNED_IN,
    "method": SIGNED_IN,
    "access:sign-in": PUBLIC,
    "access:sign-out": PUBLIC,
    "admin-sign-in": PUBLIC,  # leads to the one sign-in page
    "admin:*": "change_records",
    "health:health": PUBLIC,
    "health:metrics": PUBLIC,  # asks for its own bearer token
    "ratings:rating-list": "read_operations",
    "ratings:rating-detail": "read_operations",
    "ratings:rating-freshness": "read_operations",
    "ratings:methodology-detail": SIGNED_IN,
}
