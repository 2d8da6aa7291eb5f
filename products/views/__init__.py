from products.views.supply_chain import supply_chain, supply_history
from products.views.supply_site import supply_site

__all__ = ["supply_chain", "supply_history", "supply_site"]
