"""A decision keeps its pair's organisation, so that lists of a hundred thousand need no join."""

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import Case, OuterRef, Q, Subquery, Value, When


def keep_organisations(apps, schema_editor):
    decision = apps.get_model("linkage", "Decision")
    pair = apps.get_model("linkage", "ReviewPair")
    whose = pair.objects.filter(id=OuterRef("pair_id")).values("project__organisation_id")[:1]
    decision.objects.update(organisation_id=Subquery(whose))


class Migration(migrations.Migration):
    dependencies = [("linkage", "0005_results_gone"), ("accounts", "0001_initial")]

    operations = [
        migrations.AddField(
            "decision",
            "organisation",
            models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="accounts.organisation",
            ),
        ),
        migrations.RunPython(keep_organisations, migrations.RunPython.noop),
        migrations.AlterField(
            "decision",
            "organisation",
            models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.organisation"
            ),
        ),
        migrations.AddIndex(
            "decision", models.Index(fields=["organisation", "decided_at", "id"], name="decision_by_day")
        ),
        migrations.AddIndex(
            "decision",
            models.Index(
                fields=["organisation", "decided_by", "decided_at", "id"], name="decision_by_clerk"
            ),
        ),
        migrations.AddIndex(
            "decision",
            models.Index(fields=["organisation", "verdict", "decided_at", "id"], name="decision_by_verdict"),
        ),
        migrations.AddField(
            "decision",
            "standing",
            models.GeneratedField(
                db_persist=True,
                expression=Case(
                    When(undone_at__isnull=False, then=Value("undone")),
                    When(settles=True, then=Value("settles")),
                    default=Value("holds"),
                ),
                output_field=models.CharField(max_length=8),
            ),
        ),
        migrations.AddIndex(
            "decision",
            models.Index(fields=["organisation", "standing", "decided_at", "id"], name="decision_by_standing"),
        ),
        migrations.AddIndex(
            "decision",
            models.Index(
                fields=["organisation", "verdict", "standing", "decided_at", "id"], name="decision_by_both"
            ),
        ),
        migrations.AddIndex(
            "reviewpair",
            models.Index(
                condition=Q(state="decided", readings=1, readings_wanted=2),
                fields=["project", "rank"],
                name="pair_second_reading",
            ),
        ),
    ]
