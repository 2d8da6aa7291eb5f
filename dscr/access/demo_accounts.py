"""The demonstration accounts of local mode, one click each. Their memberships are in dscr/demo/accounts.py."""

from dataclasses import dataclass

DOMAIN = "demo.example"
DEMO_PASSWORD = "dscr-demo"  # noqa: S105  stated in the README, never outside local mode


@dataclass(frozen=True, slots=True)
class DemoAccount:
    name: str
    label: str
    purpose: str

    @property
    def email(self) -> str:
        return f"{self.name}@{DOMAIN}"


DEMO_ACCOUNTS = (
    DemoAccount("operator", "Operator", "runs the program, sees every rating, invites people, changes any record"),
    DemoAccount("manufacturer", "Manufacturer", "edits or attests for its firm: two memberships"),
    DemoAccount("other-manufacturer", "Other manufacturer", "edits for another firm"),
    DemoAccount("establishment-contact", "Establishment contact", "answers for the first manufacturer's sites"),
    DemoAccount("purchaser", "Purchaser", "compares products before buying"),
    DemoAccount("assessor", "Assessor", "scores establishments"),
    DemoAccount("second-assessor", "Second assessor", "scores them too, without seeing the first's levels"),
    DemoAccount("lead-assessor", "Lead assessor", "leads the assessors to one result"),
    DemoAccount("coordinator", "HHS coordinator", "watches essential drugs"),
    DemoAccount("auditor", "Auditor", "reads everything, changes nothing"),
)
