from django.db import migrations


def confirm(apps, schema_editor):
    """Accounts made before django-allauth came: the operator gave their addresses."""
    address = apps.get_model("account", "EmailAddress")
    users = apps.get_model("access", "User").objects.all()
    address.objects.bulk_create(
        [address(user_id=user.pk, email=user.email.lower(), verified=True, primary=True) for user in users],
        ignore_conflicts=True,
    )


class Migration(migrations.Migration):
    dependencies = [
        ("access", "0002_invitation_and_cache"),
        ("account", "0009_emailaddress_unique_primary_email"),
    ]

    operations = [migrations.RunPython(confirm, migrations.RunPython.noop)]
