from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('person_index', '0001_initial'),
    ]

    operations = [
        migrations.AddField(
            model_name='indexchange',
            name='may_shrink',
            field=models.BooleanField(default=False),
        ),
    ]
