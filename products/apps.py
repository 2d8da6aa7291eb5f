from django.apps import AppConfig


class ProductsConfig(AppConfig):
    name = "products"

    def ready(self) -> None:
        from products.queries.on_market import on_us_market
        from qmm.services import market

        market.register(on_us_market)
