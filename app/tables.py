"""Every table of both databases: importing this module is what makes the registries complete."""

import app.accounts
import app.ages
import app.exports
import app.jobs
import app.letters
import app.profile
import app.rights_code
import app.sessions
import app.staff
import app.verifying
import audit.outbox
import audit.tables
import consent.access
import consent.confirmation
import consent.disclosure
import consent.limits
import consent.receipt_key
import consent.recipient
import consent.record
import consent.signal
import model.release
import model.research
import model.score
import perks.brand
import perks.claims
import perks.client
import perks.codes
import perks.handover
import perks.judgement
import perks.offer
import perks.participation
import perks.post
import perks.profile
import perks.quota
import perks.reach
import perks.team
import perks.webhook
import rights.breach
import rights.erasure_saga
import rights.notice
import rights.rectification
import rights.request
import rights.restoration
import sources.correction
import sources.store
import vault.destruction
import vault.epoch
import vault.subject
import vault.wrapped
from vault.base import Base, KeyBase

MODULES = (
    app.accounts,
    app.ages,
    app.exports,
    app.jobs,
    app.letters,
    app.profile,
    app.rights_code,
    app.sessions,
    app.staff,
    app.verifying,
    audit.outbox,
    audit.tables,
    consent.access,
    consent.confirmation,
    consent.disclosure,
    consent.limits,
    consent.recipient,
    consent.receipt_key,
    consent.record,
    consent.signal,
    model.release,
    model.research,
    model.score,
    perks.brand,
    perks.claims,
    perks.client,
    perks.codes,
    perks.handover,
    perks.judgement,
    perks.offer,
    perks.participation,
    perks.post,
    perks.profile,
    perks.quota,
    perks.reach,
    perks.team,
    perks.webhook,
    rights.breach,
    rights.rectification,
    rights.erasure_saga,
    rights.notice,
    rights.request,
    rights.restoration,
    sources.correction,
    sources.store,
    vault.destruction,
    vault.epoch,
    vault.subject,
    vault.wrapped,
)
DATA = Base.metadata
KEYS = KeyBase.metadata
