"""Where what the models learn and work with lies below the site's folder; one organisation's apart from another's."""

from __future__ import annotations

from pathlib import Path
from uuid import UUID

from django.conf import settings

from joinedup_web.feedback.models import Analysis, FittedModel, Service


def service_folder(service: Service) -> Path:
    """The folder of a service's models and analyses."""
    return Path(settings.SITE_DIR) / "files" / str(service.organisation_id) / "feedback" / str(service.id)


def model_file(service: Service, model_id: UUID) -> Path:
    """The file of a model that was learnt for a service."""
    return service_folder(service) / "models" / f"{model_id}.model"


def fitted_file(model: FittedModel) -> Path:
    """The file of one that is kept."""
    return model_file(model.service, model.id)


def vectors_file(analysis: Analysis) -> Path:
    """The vectors of an analysis’s comments with their ids: from these a theme is split. Gone once it is signed off."""
    return service_folder(analysis.service) / "analyses" / f"{analysis.id}.npz"
