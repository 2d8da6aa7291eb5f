"""A load that breaks half way leaves nothing behind."""

import pytest

from dscr.access.models import Organisation, User
from dscr.demo import load
from products.models import Product
from ratings.models import StaleMark


@pytest.mark.django_db
def test_a_load_that_breaks_leaves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> int:
        assert Product.objects.filter(is_synthetic=True).exists()
        raise OSError("the machine went away")

    monkeypatch.setattr(load, "replay_past", broken)
    with pytest.raises(OSError, match="went away"):
        load.load_demo(seed=1, today=load.timezone.localdate(), show_progress=False)
    for model in (Product, Organisation, User, StaleMark):
        assert not model.objects.exists()
