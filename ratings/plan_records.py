"""What a manufacturer keeps of its planning: how much work an action is to it, and settings that it tried.

Neither is an input of a rating. They are the firm's own thoughts: nobody else reads them, not the operator either.
"""

from typing import ClassVar

from django.conf import settings
from django.db import models

from dscr.access.models import Membership, Organisation
from dscr.access.scoping import ScopedManager
from products.models import Product


class PlannerEffort(models.Model):
    """What one action of the catalogue costs this firm, for whichever of its products."""

    class Effort(models.IntegerChoices):
        """The numbers are weights: a large action must gain four times what a small one does to come as early."""

        SMALL = 1, "Small"
        MEDIUM = 2, "Medium"
        LARGE = 4, "Large"

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    action = models.CharField(max_length=80, help_text="Code of an action of ratings/planner/catalogue.py.")
    effort = models.SmallIntegerField(choices=Effort.choices)

    objects = ScopedManager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organisation", "action"], name="planner_effort_one_per_action"),
            models.CheckConstraint(name="planner_effort_known", condition=models.Q(effort__in=[1, 2, 4])),
        ]

    def __str__(self) -> str:
        return f"{self.action}: {self.get_effort_display()}"

    @staticmethod
    def own_rows(membership: Membership) -> models.Q:
        return models.Q(organisation=membership.organisation_id)


class Scenario(models.Model):
    """A setting of the what-if page under a name: what was moved, not what came of it; opened, it is scored anew."""

    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="+")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=100)
    query = models.CharField(max_length=4000, blank=True, help_text="The moved inputs, as in the page’s address.")
    methodology = models.CharField(max_length=20, help_text="Under which it was made.")
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    objects = ScopedManager()

    class Meta:
        ordering: ClassVar = ["-created_at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["organisation", "product", "name"], name="scenario_name_once_per_product"),
        ]

    def __str__(self) -> str:
        return self.name

    @staticmethod
    def own_rows(membership: Membership) -> models.Q:
        return models.Q(organisation=membership.organisation_id)
