import pytest

from tests.workbook.maker import Firm


@pytest.fixture
def firm(db: None) -> Firm:
    return Firm()
