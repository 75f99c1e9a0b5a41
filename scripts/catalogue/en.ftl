# What the bundled runbooks say, in English. The syntax is Fluent's (https://projectfluent.org): a message is a
# whole sentence, its lines are joined by blanks. `finding-KIND` is the title of findings of that kind, with
# `.advice` what to do about them.

## explain: one user

explain-nobody = Nobody is known by the { $kind } { $value }
explain-several = { $count } users are known by the { $kind } { $value }
explain-try-another = Try another phone, part of the name, or the device's MAC.
explain-choose = Choose one by the phone: tikbook explain PHONE

## lib/findings: what an audit points out

finding-stale-blocked = rows that block users who are not blocked
    .advice = remove the row; the portal does not do it, because it no longer knows this address
finding-address-of-blocked-user = stale rows whose address now belongs to a device of a blocked user
    .advice = do not just remove the row: it blocks the right device under the wrong name; let the sync write
        a row for the blocked user first
finding-stale-by-sync = rows of users whom the next sync lets go, though the portal's audit expects them
    .advice = wait for one sync; if the row stays after it, remove it
finding-stale-admin = rows that block administrators whom the sync does not block
    .advice = remove the row; the portal's own audit passes over administrators
finding-unchecked-owner = rows of users whose blocks nobody checks: inactive, not approved, or SUPER_ADMIN
    .advice = remove the row if the user is to be let in again
finding-missing-admin-block = administrators whom the sync blocks, without a row on the list
    .advice = settle the debt or raise the offset; the sync blocks administrators by debt as well
finding-missing-block = users who should be blocked and are not on the list
    .advice = see that the usage sync runs; a user without an address in user_devices cannot be listed
finding-disabled-row = disabled rows of users who should be blocked
    .advice = enable the row, or remove it so that the sync writes a new one
finding-bypassed-binding = ip-bindings that let a user through who should be blocked
    .advice = set the type to blocked or regular; never remove the comment, the portal finds its user by it
finding-device-block = rows that block a device, not a user (too many devices, or one not yet authorised)
    .advice = leave it to the user, who frees it in the portal; removing the row lifts the device limit
finding-malformed-token = rows whose comment is the portal's but cannot be read
    .advice = correct the comment: uid=<id> and user=08…, each after a | or a space
finding-unknown-user = rows whose tokens name no user of the database
    .advice = the user was deleted or the number changed: remove the row
finding-disputed-token = rows whose uid= and user= name two users
    .advice = the portal goes by uid=; correct the comment
finding-repeated-address = rows whose address an earlier row of the list has as well
    .advice = keep one of them; to unblock the address all must go
finding-repeated-user = users with more rows than the { $devices } devices they may have
    .advice = the addresses of a device that moved stay on the list; remove those it no longer has
finding-expiring-row = dynamic rows that expire within { $within }
    .advice = nothing, if the block may end; else see that the sync writes a lasting row
finding-orphaned-row = rows of the portal whose address no device in the database has
    .advice = look whether the address is in use by a device the portal never stored, then remove the row
finding-unusable-user = users whose row the portal cannot use: a task that reads it stops
    .advice = correct the column in the database

## lib/findings: settings, and what to do next

finding-setting = settings that cannot be read
    .advice = store the setting again in the portal's administration
finding-setting-not-a-number = the debt limit is not a whole number, so the portal blocks nobody by debt
    .advice = store the setting again in the portal's administration
audit-device-blocks = { $count ->
        [one] The portal's audit also counts one row as stale that blocks a device; it is listed apart here.
       *[other] The portal's audit also counts { $count } rows as stale that block a device; they are listed apart here.
    }
audit-read-stale = { $count ->
        [one] Read the stale row: it cuts off a user who is not blocked, unless its address is a blocked user's now.
       *[other] Read the { $count } stale rows: each cuts off a user who is not blocked, unless its address is a blocked user's now.
    }
audit-try-cleanup = Look at what would be removed with `tikbook run cleanup`, then remove it with `tikbook run
    cleanup --apply`.
audit-again = After the next usage sync run the audit again: rows of users it lets go should be gone.

## audit, and what cleanup shows of it

audit-title = Audit of the list { $list }: router against database
audit-router-unread = The router could not be read, so nothing can be said about its lists.
audit-no-users = The database has no users at all: is it the portal's? Remove nothing before this is clear.
audit-clean = Nothing is wrong: router and database agree about who is blocked.
audit-users-checked = users checked
audit-debt-limit = debt limit
audit-limit-off = off
audit-limit = { $limit } MB
audit-rows = rows on { $list }
audit-stale = of them stale by the portal's audit
audit-orphaned = orphaned rows of all status lists
audit-bindings = IP bindings
audit-bindings-of-type = ip-bindings of type { $type }

## lib/lists: names of lists in doubt

finding-default-list-name = lists that were looked for in vain by a default name: the portal's comments stand
    on other lists
    .advice = nothing said here of these lists can be believed: first set the names as the portal has them, in
        the site's env_file or the environment: { $settings }

## lib/people: users to choose from

choices = Users to choose from
    .phone = phone
    .name = name
    .role = role
    .block = block
choices-blocked = blocked: { $cause }
choices-more = { $count } more are not shown; say more of the name or number.

## cleanup

cleanup-title = Cleanup of the list { $list }
cleanup-in-doubt = Nothing is removed while the names of the lists are in doubt.
cleanup-changed = its user or its device changed while this ran
cleanup-stay = Rows that stay ({ $shown } of { $count })
    .row = row
    .address = address
    .why = why
cleanup-compared = Before and after
    .before = before
    .after = after
cleanup-not-blocked = its user is not blocked
cleanup-no-device = no device has its address
cleanup-of-device = it blocks a device, not a user
cleanup-held = its address now belongs to a device of a blocked user
cleanup-no-devices = the database has no devices at all: is it the portal's?
cleanup-network = a device lies in its network
cleanup-to-be-blocked = it blocks a user who is to be blocked
cleanup-guarded = it has no token of the portal, or the site protects it
