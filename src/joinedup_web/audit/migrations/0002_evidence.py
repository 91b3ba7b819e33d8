"""Events with their writers, the sequence, checkpoints and subject salts; and the triggers that keep them.

The table of the first migration was never released, so it is made anew instead of altered.
"""

import django.db.models.deletion
from django.db import migrations, models

from joinedup_web.audit import triggers


def _install(apps, schema_editor):
    triggers.install(schema_editor.connection)


def _remove(apps, schema_editor):
    triggers.remove(schema_editor.connection)


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_initial")]

    operations = [
        migrations.DeleteModel(name="Event"),
        migrations.CreateModel(
            name='Block',
            fields=[
                ('index', models.BigIntegerField(primary_key=True, serialize=False)),
                ('root', models.BinaryField()),
            ],
        ),
        migrations.CreateModel(
            name='Checkpoint',
            fields=[
                ('size', models.BigIntegerField(primary_key=True, serialize=False)),
                ('note', models.TextField()),
            ],
            options={
                'ordering': ('-size',),
            },
        ),
        migrations.CreateModel(
            name='Event',
            fields=[
                ('number', models.BigAutoField(primary_key=True, serialize=False)),
                ('event_id', models.CharField(max_length=32, unique=True)),
                ('kind', models.CharField(max_length=60)),
                ('at', models.DateTimeField()),
                ('actor_kind', models.CharField(max_length=10)),
                ('actor', models.CharField(blank=True, max_length=64)),
                ('organisation', models.UUIDField(null=True)),
                ('fields', models.JSONField(default=dict)),
                ('writer', models.CharField(max_length=32)),
                ('writer_serial', models.BigIntegerField()),
                ('writer_previous', models.CharField(max_length=64)),
            ],
            options={
                'ordering': ('-number',),
            },
        ),
        migrations.CreateModel(
            name='ForgottenSalt',
            fields=[
                ('digest', models.CharField(max_length=64, primary_key=True, serialize=False)),
                ('at', models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name='Head',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('origin', models.CharField(max_length=200)),
                ('size', models.BigIntegerField(default=0)),
                ('chain', models.BinaryField()),
                ('frontier', models.BinaryField()),
                ('unsealed', models.BigIntegerField(default=0)),
            ],
        ),
        migrations.CreateModel(
            name='Sequenced',
            fields=[
                ('sequence', models.BigIntegerField(primary_key=True, serialize=False)),
                ('digest', models.BinaryField()),
                ('chain', models.BinaryField()),
            ],
            options={
                'ordering': ('sequence',),
            },
        ),
        migrations.CreateModel(
            name='SubjectSalt',
            fields=[
                ('reference', models.CharField(max_length=32, primary_key=True, serialize=False)),
                ('salt', models.BinaryField()),
            ],
        ),
        migrations.CreateModel(
            name='VerificationRun',
            fields=[
                ('id', models.UUIDField(primary_key=True, serialize=False)),
                ('asked_at', models.DateTimeField()),
                ('finished_at', models.DateTimeField(null=True)),
                ('ok', models.BooleanField(null=True)),
                ('events', models.BigIntegerField(default=0)),
                ('sealed', models.BigIntegerField(default=0)),
                ('problems', models.PositiveIntegerField(default=0)),
                ('report', models.JSONField(default=list)),
            ],
            options={
                'ordering': ('-asked_at',),
            },
        ),
        migrations.CreateModel(
            name='WriterStanding',
            fields=[
                ('writer', models.CharField(max_length=32, primary_key=True, serialize=False)),
                ('serial', models.BigIntegerField()),
                ('digest', models.CharField(max_length=64)),
            ],
        ),
        migrations.CreateModel(
            name='Pending',
            fields=[
                ('event', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='pending', serialize=False, to='audit.event')),
            ],
        ),
        migrations.AddIndex(
            model_name='event',
            index=models.Index(fields=['organisation', '-number'], name='event_by_organisation'),
        ),
        migrations.AddIndex(
            model_name='event',
            index=models.Index(fields=['kind', '-number'], name='event_by_kind'),
        ),
        migrations.AddIndex(
            model_name='event',
            index=models.Index(fields=['actor', '-number'], name='event_by_actor'),
        ),
        migrations.AddIndex(
            model_name='event',
            index=models.Index(fields=['at'], name='event_by_time'),
        ),
        migrations.AddConstraint(
            model_name='event',
            constraint=models.UniqueConstraint(fields=('writer', 'writer_serial'), name='event_of_writer_once'),
        ),
        migrations.AddField(
            model_name='sequenced',
            name='event',
            field=models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='sequenced', to='audit.event'),
        ),
        migrations.RunPython(_install, _remove),
    ]
