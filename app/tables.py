"""Every table of both databases: importing this module is what makes the registries complete."""

import app.accounts
import app.jobs
import app.sessions
import audit.log
import consent.record
import model.release
import model.score
import sources.store
import vault.destruction
import vault.keystore
import vault.subject
from vault.base import Base, KeyBase

MODULES = (
    app.accounts,
    app.jobs,
    app.sessions,
    audit.log,
    consent.record,
    model.release,
    model.score,
    sources.store,
    vault.destruction,
    vault.keystore,
    vault.subject,
)
DATA = Base.metadata
KEYS = KeyBase.metadata
