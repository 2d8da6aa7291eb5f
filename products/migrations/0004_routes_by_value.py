from django.db import migrations


class Migration(migrations.Migration):
    """A route is looked for among the few hundred values that the directory writes, which `product_route` serves."""

    dependencies = [
        ("products", "0003_route_index"),
    ]

    operations = [
        migrations.RemoveIndex(model_name="product", name="product_routes"),
    ]
