"""When somebody last looked over what a source's columns mean."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("linkage", "0002_source_notes")]

    operations = [
        migrations.AddField("source", "checked_at", models.DateTimeField(null=True)),
    ]
