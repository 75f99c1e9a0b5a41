# What the bundled runbooks say, in English. The syntax is Fluent's (https://projectfluent.org): a message is a
# whole sentence, its lines are joined by blanks. `finding-KIND` is the title of findings of that kind, with
# `.advice` what to do about them.

## What the runbooks and the examples are for: the words of their first comments

about-audit = Audit the blocked address-list and the hotspot ip-bindings against the database.
about-cleanup = Remove the rows of the blocked address-list whose users are not blocked.
    .text = Nothing is removed without --apply, nor while the names of the lists are in doubt. Ip-bindings are
        never touched. Each row and each user is read again right before the removal, and the audit runs again
        after it.
about-diagnose-sync = Find out why the usage sync does not run by itself: the first broken link of the chain, and
    its repair.
    .text = Nothing is changed without --apply, and with it only one thing: a run lock that every worker answered
        for and none of them holds is removed.
about-explain = Explain one user or device: what they get, why, who changes it, what to do now.
about-parity = List where router, leases and database disagree, all users at once, and what the next sync does.
about-repair = Repair one user on the router: make of the lists, ip-bindings and the hotspot user what the portal's
    next syncs make of them anyway.
    .text = Nothing is changed without --apply. The changes are those that the usage sync leads to while the
        database stays as it is; what only the portal can do is told.
about-services = Check the portal's services: containers, worker and beat, and what their logs say.
about-verify-debt = Verify the flow that blocks users by debt: its settings, its runs, and each user it is about.
about-lost-comments = List bypassed or blocked ip-bindings whose comment no longer names a user of the portal.
    .text = The portal finds the user of a binding by `uid=` in its comment. Where somebody edited the comment, the
        binding belongs to nobody: the portal neither blocks it nor takes it away.
about-random-macs = List users with more random MAC addresses than they may have devices.
    .text = Phones make up a MAC address for each network, and a new one when the network is forgotten: one phone
        fills all places of its user. The second hexadecimal digit of such an address is 2, 6, A or E (the bit for
        locally administered addresses).
about-unseen-devices = List devices that were not seen for a while and still pass by the hotspot's login.
    .text = A bypassed ip-binding lets a device through for ever. The portal writes one for every authorised device
        and takes none away when its user has moved out.
about-vip = Keep the address list `vip` in step with the database: the devices of users with certain roles.
    .text = Each address is on the list for a while and is renewed as long as its user has the role. An address
        that is nobody's any more is removed; rows that somebody else wrote are left alone.

## What the parameters of the runbooks are for

param-audit-limit = most stale and orphaned rows to list, and most findings of a kind to show
param-audit-orphans = also look in all status lists for rows whose address no device has
param-cleanup-limit = most stale and orphaned rows to list
param-cleanup-orphans = also clean the status lists of rows whose address no device has
param-cleanup-only-orphans = clean the status lists, and leave the stale rows
param-cleanup-rules = which rows are safe to remove: tikbook leaves blocks of devices and addresses of blocked
    users, portal decides as the portal's own script
param-diagnose-sync-log = read this log of worker and beat in the place of Docker; may be repeated
param-log-zone = the time zone of the logs, such as Asia/Makassar, where the containers name none
param-diagnose-sync-tail = lines of each log to read
param-worker = the worker's service in the Compose file
param-beat = beat's service in the Compose file
param-diagnose-sync-watch = how long to look at a queue that does not move
param-explain-who = a phone in any form or its last digits, part of a name, a room, an order, a MAC, an
    address or network, the name of a device, or an id
param-explain-reply = also say three sentences for the customer, without ids
param-parity-limit = most findings of a kind to show
param-repair-who = a phone in any form or its last digits, part of a name, a room, an order, a MAC, an address,
    or an id
param-services-tail = lines of each container's log to read
param-services-since = only lines younger than this, such as 30m; 0s for all
param-services-log = read this log file in the place of Docker; may be repeated
param-services-backend = the backend's service in the Compose file
param-verify-debt-user = only this user: a phone, part of a name, a MAC, an address, or an id
param-verify-debt-log = read this log of the worker in the place of Docker; may be repeated
param-verify-debt-log-zone = the time zone of the log, such as Asia/Makassar, where the container names none
param-verify-debt-tail = lines of the worker's log to read

## explain: one user

explain-nobody = Nobody is known by the { $kind } { $value }
explain-several = { $count } users are known by the { $kind } { $value }
explain-try-another = Try another phone, part of the name, or the device's MAC.
explain-choose = Choose one by the phone: `tikbook explain PHONE`

## lib/audit/rows: what an audit points out

finding-stale-blocked = rows of the blocked list that are stale by the portal's audit: their users are not blocked
    .advice = `effect` says whom a row shuts out now; what a task removes goes by itself, if it runs; remove the
        others: `tikbook run cleanup`
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
    .advice = settle the debt, or raise the offset, which gives the quota away by which it is raised; the sync
        blocks administrators by debt as well
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

## lib/audit/rows: settings, and what to do next

finding-setting = settings that cannot be read
    .advice = store the setting again in the portal's administration
finding-setting-not-a-number = the debt limit is not a whole number, so the portal blocks nobody by debt
    .advice = store the setting again in the portal's administration
audit-exempt = { $count ->
        [one] One stale row is of a user whose rows this site exempts from cleaning; it is left out here.
       *[other] { $count } stale rows are of users whose rows this site exempts from cleaning; they are left out here.
    }
audit-device-blocks = { $count ->
        [one] The portal's audit also counts one row as stale that blocks a device; it is listed apart here.
       *[other] The portal's audit also counts { $count } rows as stale that block a device; they are listed apart here.
    }
audit-read-stale = { $count ->
        [one] Read the stale row: the column effect says whether it shuts somebody out now.
       *[other] Read the { $count } stale rows: the column effect says which of them shut somebody out now.
    }
audit-try-cleanup = Look at what would be removed, then remove it:
audit-more-steps = { $count ->
        [one] One more step is left out here: `tikbook explain PHONE` has the steps for each.
       *[other] { $count } more steps are left out here: `tikbook explain PHONE` has the steps for each.
    }
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

## lib/common/lists: names of lists in doubt

finding-default-list-name = lists that were looked for in vain by a default name: the portal's comments stand
    on other lists
    .advice = nothing said here of these lists can be believed: first set the names as the portal has them, in
        the site's env_file or the environment: { $settings }. If the portal lacks them as well, its sync puts
        addresses on { $names }, which no rule of the router knows, and leaves { $found } as it is
finding-default-networks = { $setting } is not set: the code's default { $networks } holds { $outside } of { $count }
    devices on the hotspot not
    .advice = set { $setting } in the portal's environment, and here; if the portal lacks it as well, its sync
        passes over the addresses of these devices: it writes no row of a list for them and takes none away

## lib/common/people: users to choose from

choices = Users to choose from
    .phone = phone
    .name = name
    .role = role
    .block = block
choices-blocked = blocked: { $cause }
choices-more = { $count } more are not shown; say more of the name or number.

## cleanup

cleanup-title = { $count ->
        [0] Cleanup: nothing to remove from { $list }
        [one] Cleanup: { $count } row to remove from { $list }
       *[other] Cleanup: { $count } rows to remove from { $list }
    }
cleanup-title-doubt = Cleanup: cannot be told for { $list }
cleanup-clean = Nothing is to be cleaned: no row blocks anybody who is not to be blocked.
cleanup-clean-but = Nothing can be removed safely: the rows that stay are below, each with the reason.
cleanup-in-doubt = Nothing is removed while the names of the lists are in doubt.
cleanup-changed = its user or its device changed while this ran
cleanup-stay = Rows that stay ({ $shown } of { $count })
    .row = row
    .address = address
    .why = why
cleanup-compared = Before and after
    .what = counted
    .before = before
    .after = after
cleanup-not-blocked = its user is not blocked
cleanup-no-device = no device has its address
cleanup-of-device = it blocks a device, not a user
cleanup-held = its address now belongs to a device of a blocked user
cleanup-no-devices = the database has no devices at all: is it the portal's?
cleanup-network = a device lies in its network
cleanup-to-be-blocked = it blocks a user who is to be blocked
cleanup-wanted = a device that is to be on this list has its address now
cleanup-exempt = its user is exempt from cleaning on this site
cleanup-guarded = it has no token of the portal, or the site protects it


## lib/common/commands: what an operator types

commands-folder = What is to be done with `docker compose` is to be done in the folder { $folder }.

## lib/common/startup: what keeps all processes from starting

startup-well = nothing is known that keeps the processes from starting
startup-unseen = neither containers nor workers were seen
startup-lives = a worker lives all the same
startup-migration = { $name } failed with code { $code }, and the other services wait for it
    .advice = read why, correct it, then let it run again:
startup-schedule = no process of the portal starts with { $settings }
    .advice = correct it in the environment of the portal's processes, and start them anew
startup-schedule-log = a process ended as it started: { $line }
startup-setting-number = { $setting } '{ $text }', which is no number
startup-setting-time = { $setting } '{ $text }', which is no number from 0 to { $most }
startup-loop = all of them start over and over: { $services }
    .advice = one cause ends them all; the last lines say which:

## lib/common/letters: tasks that failed for the last time

letters-none = no dead letters
letters = { $most ->
        [all] { $count } dead letters
       *[more] { $count } dead letters or more
    }, the newest of { $task }: { $error }
    .advice = see whether the cause goes on; the portal never takes a dead letter away
letters-old = { $most ->
        [all] { $count } dead letters
       *[more] { $count } dead letters or more
    }, the newest { $length } ago, of { $task }: { $error }
letters-new = { $most ->
        [all] { $count } dead letters
       *[more] { $count } dead letters or more
    }, the newest { $length } ago, of { $task }: { $error }

## lib/diagnose-sync/healing: what the sync heals in each run

healing-unseen = no results of runs were seen
    .advice = give the worker's log, or more lines of it (--tail 10000)
healing-few = { $count ->
        [one] { $count } result of a run was seen, too few to compare
       *[other] { $count } results of runs were seen, too few to compare
    }
healing-none = nothing is healed over and over in the last { $count } runs
healing-counter = { $counter } is { $least } to { $most }
healing-loop = in each of the last { $count } runs { $counters }: something undoes what the sync heals
    .advice = look what takes leases or bindings back; see the devices whose lease and binding differ:

## lib/common/flow: the sync's settings, runs, lock and breaker

redis-unreadable = make the portal's Redis readable and run this again; see what is wrong:
limit-store-again = store QUOTA_DEBT_LIMIT_MB again in the portal
limit-set = QUOTA_DEBT_LIMIT_MB is { $limit }
limit-blocks-nobody = QUOTA_DEBT_LIMIT_MB is { $text }: debt blocks nobody
    .advice = set QUOTA_DEBT_LIMIT_MB to a whole number above 0, if debt is to block
limit-not-set = QUOTA_DEBT_LIMIT_MB is not set: debt blocks nobody
operations-on = ENABLE_MIKROTIK_OPERATIONS is True
operations-off = ENABLE_MIKROTIK_OPERATIONS is '{ $text }': only with True run the daily audit, the parity guard,
    the sync of unauthorized hosts, the sync of the banking list, the block for overdue debts and the clean-up of
    waiting leases; the usage sync does not read it
    .advice = set ENABLE_MIKROTIK_OPERATIONS to True in the portal's settings, if these tasks are to run
operations-off-runs = runs of the sync are seen all the same
switch-unclear = ENABLE_MIKROTIK_OPERATIONS is '{ $text }', and no run of the sync was seen since: the runbook of the
    portal's owner names this switch as a cause; the sync of the portal as it is known does not read it, but this
    site may have another version
    .advice = look whether the worker takes the task: its log shows `Task sync_hotspot_usage_task[…] received` and
        then `Memulai sinkronisasi`, or the task ends at once; then set ENABLE_MIKROTIK_OPERATIONS to True in the
        portal's settings and look again after ten minutes
throttle-interval = interval { $interval }: a run about every { $usual }, as each second tick comes too
    early
throttle-future = the last run is stamped { $length } in the future: every run is passed over until { $moment }
    .advice = set the clocks right, then delete quota_sync:last_run_ts in Redis: the next tick runs
throttle-until = the next run is let through from { $moment }
throttle-open = the next tick is let through
run-find-link = find the broken link:
run-none = no run has ended since Redis started (quota_sync:last_run_ts is not there)
run-unreadable = quota_sync:last_run_ts is '{ $text }'
run-future = the last run ended { $length } in the future
    .advice = set the clocks right; see which are wrong:
run-ended = the last run ended { $length } ago
run-late = the last run ended { $length } ago; one is due about every { $usual }
lock-free = no run holds the lock
lock-going-on = a run is going on: held by { $owner } for { $length }
lock-too-long = held by { $owner } for { $length }, longer than a run may take
breaker-quiet = the circuit breaker of the router has counted no failure lately
breaker-unreadable = cb:mikrotik:state is '{ $text }'
    .advice = look at the key in Redis
breaker-closed = the circuit breaker of the router is closed, with { $failures } failures counted
breaker-open = the circuit breaker of the router is open until { $moment }, for { $length } more
    .advice = the portal could not reach the router; see whether this machine can, then wait until the breaker closes:
redis-copy = this Redis is a read-only copy of { $host }:{ $port }
    .advice = name the master in the portal's settings, or promote this one:
redis-unsaved = Redis could not save its data to disk and may refuse every write (MISCONF)
    .advice = make room on its disk, or switch saving off:
redis-full = Redis is full ({ $size }) and refuses writes
    .advice = give it more memory, or take away what fills it
result-advice = read the worker's log:
result-log-unread = whether the last run worked stands in the worker's log only; { $why }
result-no-container = whether the last run worked stands in the worker's log only, and Docker has no container
    { $services }
    .advice = name the worker's service with --worker, or its log with --log
result-no-end = whether the last run worked stands in the worker's log only, and it shows no end of a run
result-newest = the newest end of a run in the log: { $detail }
result-newest-ago = the newest end of a run in the log { $length } ago: { $detail }
result-all-failed = every user failed: the sync had no connection to the router; see whether this machine has one:
result-some-failed = some users failed: look for `Error sinkronisasi user` in the worker's log
result-nothing = it counted nothing: another run held the lock, or there are no users

## lib/diagnose-sync/links: the chain by which the sync runs

settings-read = the portal's settings were read
settings-unread-advice = make the database readable; see what is wrong:
redis-dead-advice = start Redis; without it the sync has no throttle and no locks
broker-missing = the portal's Redis answers; no broker is configured
broker-default = neither CELERY_BROKER_URL nor REDIS_HOST_CELERY_BROKER is set; a portal without them sends its tasks
    to redis://redis:6379/1, by the default of its code
broker-failed = the portal's Redis answers; the broker: { $why }
    .advice = see CELERY_BROKER_URL, and that this Redis runs and lets itself be written
redis-evicts = answers, and has thrown { $count } keys away for lack of memory
    .advice = give Redis more memory: it throws away locks, stamps and queued tasks as well
redis-well = the portal's Redis and the broker answer and can be written
breaker-router-silent = the router does not answer from here either
breaker-router-answers = the router answers from here
login-failed-advice = make the router reachable; see what is wrong:
login-unseen = logged in and read; the policies of the login cannot be seen
login-well = logged in and read; the login may read and write
login-lacks = the login { $login } lacks { $policies }
    .advice = give the user's group these policies: /user/group
clock-agrees = { $service } agrees
clock-ahead = { $service } is { $length } ahead
clock-behind = { $service } is { $length } behind
clocks-untold = no service told its time
    .advice = make the services reachable; see what is wrong:
clocks-told = { $services } (with this machine's clock)
    .advice = set up NTP on all machines: expiry, due dates and the throttle go by the clock

## lib/common/workers: queue, workers and the run lock

broker-unreadable-advice = make the broker readable; see what is wrong:
broker-unusable-advice = make the broker usable; see what is wrong:
queue-state = { $waiting } waiting, { $taken } taken and not done
queue-state-first = { $waiting } waiting, { $taken } taken and not done, the first of them { $length } ago
    ({ $by })
queue-untaken = no worker takes from the queue celery, only from { $queues }
    .advice = start the worker with -Q celery, or without -Q
queue-stuck = the oldest was watched and stayed for { $length } though the workers are free
    .advice = restart the worker: it lives and takes nothing
queue-long = { $state }: more than a worker leaves
    .advice = see what the workers do:
worker-none = no worker listens at the broker
worker-start = start it; then read in its log whether it stays:
worker-restart = its container runs and it does not listen; read its log, then start it anew:
worker-silent = { $count ->
        [one] { $count } worker connected, and none answered two calls
       *[other] { $count } workers connected, and none answered two calls
    }
    .advice = it may be stopped, swapped out or overloaded: read its log, and start it anew if it stays silent:
worker-ignorant = no worker knows the task { $task }
    .advice = start the worker with the portal's application:
worker-answers = { $count ->
        [one] { $count } worker answered, { $busy } of { $processes } processes at work
       *[other] { $count } workers answered, { $busy } of { $processes } processes at work
    }
worker-some-silent = { $count } did not answer two calls
    .advice = read the log of the silent worker:
worker-task = { $count } × { $task }
worker-busy = all { $processes } processes are at work ({ $tasks }), the longest for { $length }; { $waiting }
    more wait
    .advice = wait, or start it with more processes (--concurrency); what these tasks do is in the worker's log:
lock-stale = stale: held by { $owner } for { $length }, and no worker runs the sync
    .advice = wait for a run, which takes it over, or remove it:
lock-unknown = held by { $owner } for { $length }; whether a worker runs it is not known
    .advice = make the workers answer, then run this again
lock-own = the sync's own lock is held, for { $length }, and lives for { $left } more
    .advice = nothing: somebody may have started the sync by hand, and the lock ends by itself; a run that meets it
        does nothing and is stamped all the same
lock-own-for-ever = the sync's own lock (quota:sync_lock:global) is held and has no end: each run does nothing and is
    stamped all the same
    .advice = delete the key in the portal's Redis:
lock-several = { $count } runs of the sync are at work at once ({ $ids }): the lock that keeps them apart was lost
    .advice = Redis loses locks where it is full or was started anew: give it memory, and wait for the runs to end in the
        worker's log:
lock-several-log = the log shows { $count ->
        [one] { $count } run of the sync that began before another one ended
       *[other] { $count } runs of the sync that began before another one ended
    }
lock-overdue = held by { $owner } for { $length }, longer than a run may take; a worker runs the sync
    .advice = Celery ends the run at its time limit; what it does is in the worker's log:

## lib/common/beat: signs that beat lives

beat-start = without beat nothing runs by itself; start it, then read in its log whether it stays:
beat-restart = its container runs and it sends nothing; read its log, then start it anew:
beat-read-log = read beat's log:
beat-twice-containers = two beats run ({ $names }), and each sends every task
beat-twice-log = two beats seem to run: { $count } times the log shows that the sync was sent again after { $length }
beat-twice-advice = leave one of them: each sends every task; where the other one runs, its log says:
beat-stopped = the container { $name } is { $state } (exit code { $code })
beat-no-sign = there is no sign of it
beat-newest-sign = the newest sign: { $sign }
beat-sign-started = its log says that it started { $length } ago
beat-sign-not-sent = its log says that it tried and could not send a task { $length } ago
beat-sign-sent = its log says that it sent { $task } { $length } ago
beat-sign-sent-some = its log says that it sent a task { $length } ago
beat-sign-run = a run of the sync ended { $length } ago
beat-sign-unauthorized = the task for unauthorized hosts started { $length } ago
beat-sign-parity = the parity report was written { $length } ago
beat-log-silent = its log says nothing of tasks sent lately; { $seen }
beat-idle = sends nothing: workers are free, nothing waits in the queue, and { $seen }
beat-redis-unread = Redis was not read
beat-broker-unread = the broker was not read
beat-redis-read-only = Redis cannot be written
beat-redis-young = Redis was started { $length } ago and remembers nothing from before
beat-workers-silent = the workers do not answer
beat-stamp-future = the stamp of the last run lies in the future
beat-waiting = { $count ->
        [one] { $count } run of the sync that beat sent waits in the queue
       *[other] { $count } runs of the sync that beat sent wait in the queue
    }
beat-nothing-waits = nothing that beat sent waits, and { $seen }
beat-too-few = { $count ->
        [one] { $count } run of the sync that beat sent waits in the queue, and about { $missed } would, had it gone on; { $seen }
       *[other] { $count } runs of the sync that beat sent wait in the queue, and about { $missed } would, had it gone on; { $seen }
    }

## lib/services/signs: what the logs say

log-sync-runs = { $count ->
        [one] the log shows { $count } run of the sync, the last { $last }
       *[other] the log shows { $count } runs of the sync, the last { $last }
    }
log-sync-throttled = { $count ->
        [one] passed over for the throttle once
       *[other] passed over for the throttle { $count } times
    }
log-sync-waits = the sync is called and waits for its throttle, last { $last }
log-no-lines = there are no lines
    .sync = read more lines (--tail 2000), or find the broken link:
    .errors = read more lines (--tail 2000)
log-no-sync = the lines that were read do not show the sync
log-no-errors = { $count ->
        [one] { $count } line, no errors
       *[other] { $count } lines, no errors
    }
log-errors = { $count ->
        [one] { $count } line, of them errors: { $errors }
       *[other] { $count } lines, of them errors: { $errors }
    }
    .advice = read the newest of each kind, in the table of error lines
log-errors-about = { $count } about { $kind }
log-foreign = { $unread } of { $lines } lines are of no known form, so that they say nothing
    .advice = give the log as worker, beat, journald or `docker compose logs` wrote it
log-unread-lines = { $unread } of { $lines } lines of the logs are of no known form and were passed over.
log-future = { $count ->
        [one] { $count } line of the logs lies in the future, by { $length }: its time is of another zone, or a clock is wrong. `--log-zone Asia/Makassar` says which zone it is.
       *[other] { $count } lines of the logs lie in the future, by up to { $length }: their times are of another zone, or a clock is wrong. `--log-zone Asia/Makassar` says which zone it is.
    }
log-future-zone = { $count ->
        [one] { $count } line of the logs lies in the future in the zone { $zone }, by { $length }: it is another zone, or a clock is wrong.
       *[other] { $count } lines of the logs lie in the future in the zone { $zone }, by up to { $length }: it is another zone, or a clock is wrong.
    }
log-zone-site = Times in the logs that name no zone are read as of { $zone }, the site's, for in UTC they would lie in
    the future; `--log-zone` says another one.
log-zone-utc = Times in the logs that name no zone are read as of UTC, as a container writes them for which nobody
    set one; `--log-zone` says another one.
log-unread-advice = give the logs as files: --log FILE

## services

services-title = Services
services-signs = Signs in the logs
    .sign = sign
    .where = where
    .count = count
    .last = last
services-errors = Error lines
    .kind = kind
    .count = count
    .last = last
    .newest = the newest
services-containers = Containers
    .service = service
    .state = state
    .health = health
    .restarts = restarts
    .started = started
finding-service = { $check }: { $evidence }
containers-by-files = log files were read in the place of Docker
    .advice = leave --log out to look at the containers
containers-unread-advice = run tikbook on the machine of the containers, or give logs with --log FILE
container-missing = the project has no container of this service
    .advice = start it; if it has another name, say it with --worker, --beat or --backend:
container-state = { $restarts ->
        [0] { $name } is { $state }
        [one] { $name } is { $state }, restarted once
       *[other] { $name } is { $state }, restarted { $restarts } times
    }{ $health ->
        [healthy] , healthy
        [starting] , its health check has not passed yet
        [unhealthy] , unhealthy
       *[none] {""}
    }
container-done = { $state } after its work
container-ended = { $state } with code { $code }{ $killed ->
        [true] , killed for lack of memory
       *[false] {""}
    }
container-health-said = its check said: { $said }
container-look = read its log:
container-start = read why it ended, then start it:
container-unpause = let it go on:
container-wait = wait, then look again

## diagnose-sync

sync-title = Usage sync
sync-title-broken = Usage sync, broken at { $link }
sync-title-off = Usage sync, which nobody saw since its switch is off
sync-unlocked = The stale lock was removed; this is how it looks now.
sync-run-again = Look again: the links after it are judged then.
sync-give-log = No log was read, so that this may be a symptom of something that only the log of worker and beat
    says; keep it in a file and give it:
sync-give-log-untold = What is not told here stands in the log of worker and beat; keep it in a file and give it:
sync-give-log-unread = Of the log that was read nothing follows; keep that of worker and beat in a file and give it:
finding-broken-link = { $check }: { $evidence }
sync-lists-unread = The names of the router's lists were not looked at: { $why }.
sync-unlock = every worker answered, and none runs the sync

## verify-debt

debt-title = Blocking by debt, limit { $limit } MB
debt-title-off = Blocking by debt, limit off
debt-title-only = Blocking by debt, limit { $limit } MB, only { $user }
debt-title-off-only = Blocking by debt, limit off, only { $user }
debt-nobody = nobody is known by the { $kind } { $value }
debt-users = users looked at
verdict-consistent = consistent
verdict-bypassed_on_router = bypassed on router
verdict-not_enforced = not enforced
verdict-blocked_on_router = blocked on router
verdict-will_be_blocked = will be blocked
verdict-will_be_unblocked = will be unblocked
verdict-blocked_for_other_reason = blocked for other reason
verdict-not_synced = not synced
verdict-unknown = unknown
debt-router-unread-advice = make the router readable; see what is wrong:
debt-router-read = lists, bindings and hosts were read
debt-router-doubted = no row of the portal is on the lists { $lists }, whose names nobody set
debt-users-wrong = router and database disagree about { $count } of { $all } users
    .advice = read the findings about them, and what can be said of one of them:
debt-users-untold = nothing can be said about { $count } of { $all } users
    .advice = make database and router readable, and correct these users
debt-users-agree = { $count ->
        [one] router and database agree about { $count } user
       *[other] router and database agree about { $count } users
    }
finding-half_enforced = blocked users of whose two blocks on the router somebody took one away
    .advice = set the ip-binding back, or enable the row; so far the other block keeps them out
finding-bypassed_on_router = blocked users who were let through by hand on the router
    .advice = the next sync blocks them again: settle the debt instead; an unblock in the portal marks all debts of the
        user as paid
finding-not_enforced = blocked users whom the router does not keep out
    .advice = see that the sync runs; after one run the rows should be there
finding-blocked_on_router = free users with rows on the blocked list
    .advice = `tikbook run audit` tells rows to remove from rows that hit another user
finding-will_be_blocked = users whom the next sync blocks
    .advice = the user buys quota; or an administrator raises the offset, which gives away the quota by which it
        is raised
finding-will_be_unblocked = users whom the next sync lets go
    .advice = wait for one sync
finding-blocked_for_other_reason = users blocked for another reason than the debt limit
    .advice = these blocks end by settling or by hand, never by the sync
finding-not_synced = users the sync passes over
    .advice = activate, approve or correct the user, if the sync is to decide
finding-unknown = users about whom nothing can be said
    .advice = correct the user's row, or make the router readable

## lib/verify-debt/enforcement: what differs from the debt rules

differs-debt-reached = debt { $debt } MB has reached { $limit } MB
differs-debt-below = debt { $debt } MB is below the limit of { $limit } MB
differs-no-limit = QUOTA_DEBT_LIMIT_MB is off, so that no debt reaches it
differs-list-names = cannot be told without the names of the lists: { $setting } is not set
differs-passed-over = the sync passes over this user: not active, not approved, or without a local number
differs-no-number = the used quota is not a number
differs-no-reason = blocked without a reason
differs-no-date = blocked without a date
differs-reason-left = a reason is left, though the user is not blocked
differs-router-unread = the router could not be read
differs-cause = the cause of the block is { $cause }
differs-no-binding = { $mac } has no ip-binding in force
differs-binding = { $mac } is { $type }, not { $expected }
differs-row-disabled = the row of { $address } on the blocked list is disabled
differs-no-row = { $address } is not on the blocked list
differs-audit = the portal's audit expects a block: { $debt } MB without the offset of { $offset } MB
differs-row = { $address } is on the blocked list ({ $row })
differs-row-off = { $address } is on the blocked list, disabled ({ $row })
differs-row-over = the row { $row } ({ $address }) of the blocked list lies over a device of the user

## parity

parity-agree = Parity: router, leases and database agree
parity-disagree = { $count ->
        [one] Parity: router, leases and database disagree in { $count } place
       *[other] Parity: router, leases and database disagree in { $count } places
    }
parity-untold = Parity: cannot be told
parity-router-unread = The router could not be read, so nothing can be said about it; a sync that cannot reach it
    either changes nothing.
finding-online-without-right = devices on the network that are let through without a right to it
    .advice = `tikbook explain MAC` says whose it is, what lets it through, and what to do; a binding that names a
        user is set to another type and stays
finding-status-and-unauthorized = addresses on a status list and on the list of unauthorized devices
    .advice = look whether next_sync removes the row; if it does not, remove it from the unauthorized list
finding-several-status-lists = addresses on several status lists
    .advice = look whether next_sync removes the rows; one that stays after a sync is yours to remove
finding-authorized-without-binding = authorized devices without an ip-binding
    .advice = look whether next_sync adds the binding; if it does not, let the user authorize the device again
finding-status-without-binding = rows of status lists whose address no device with an ip-binding has
    .advice = a row that stays after a sync belongs to a device that is gone: `tikbook run audit --orphans`
finding-binding-lease-differ = ip-bindings with another address than the lease of the device
    .advice = correct the address of the binding, or take it away so that the MAC alone counts
parity-on = on { $lists }
parity-lease = the lease of the device has another address
parity-unbound = no device with an ip-binding has this address
parity-wrong = users on the network who get another access than the portal wants
parity-explain = See why for one of them, and what to do:
parity-repair = What the next sync would do for one user anyway can be done now; look at it first:
parity-no-binding = no ip-binding has this MAC
parity-nobody = nobody
parity-unknown-device = no user has this device
parity-user-deleted = its user is deleted
parity-not-authorized = the device is not authorized
parity-user-status = the user is { $status }
parity-own-report = the portal's own parity report
parity-own-none = none
parity-own-mismatches = { $mismatches } mismatches of { $users } users{ $fixable ->
        [none] {""}
       *[other] , { $fixable } of them it can repair
    }{ $moment ->
        [none] {""}
       *[other] {" "}at { $moment }
    }
parity-own-stuck = items the portal cannot repair
parity-next = the next sync looks at
parity-next-users = { $looked } users and changes { $changed }
parity-next-hindered = now it would not run: { $reasons }
hindrance-throttled = its interval is not over
hindrance-locked = another run holds the lock
hindrance-breaker_open = the breaker of the router is open
hindrance-router_unreachable = the router cannot be reached
hindrance-redis_unreachable = Redis cannot be reached
hindrance-schedule_invalid = beat cannot read its schedule
hindrance-beat_dead = nothing begins it any more, so that beat or the worker is dead
hindrance-sync_dead = it has not run for long
parity-next-lists = it does to address-lists
parity-next-bindings = it does to ip-bindings
parity-next-users-of-hotspot = it does to hotspot users
parity-next-leases = it does to leases
parity-next-changes = removes { $removed }, adds { $added }, changes { $changed }

## explain: one user, in facts

explain-no-who = say who: a phone, a name, a MAC, an address, or an id
explain-title = { $name } ({ $phone }): { $state }
explain-blocked = blocked ({ $rule })
explain-let-through = blocked ({ $rule }), but let through on the router
explain-blocked-until-sync = blocked ({ $rule }), until the next sync
explain-about-to-be-blocked = free, and about to be blocked ({ $rule })
explain-blocked-by-router = blocked by the router only
explain-device-blocked = free, but a device is blocked ({ $rule })
explain-no-access = without access ({ $rule })
explain-slowed = slowed down (fup)
explain-free = nothing blocks the user
explain-untold = cannot be told ({ $rule })
fact-why = why
fact-next-sync = next sync
fact-id = ID
fact-role = role
fact-role-active = { $role }, { $approval }, active
fact-role-inactive = { $role }, { $approval }, not active
fact-room = room
fact-quota = quota
fact-quota-unlimited = unlimited, { $used } MB used
fact-quota-used = { $used } of { $purchased } MB used
fact-valid = valid until
fact-valid-always = no end
fact-status = access status
fact-status-unknown = cannot be told
fact-debt = debt with offset
fact-debt-of-limit = { $debt } MB; the limit is { $limit } MB
fact-debt-no-limit = { $debt } MB; there is no limit
fact-debt-unknown-of-limit = unknown; the limit is { $limit } MB
fact-debt-unknown-no-limit = unknown; there is no limit
fact-debt-without-offset = debt without offset
fact-debt-without = { $debt } MB, as the portal's audit counts; offset { $offset } MB
fact-debt-without-unknown = unknown MB, as the portal's audit counts; offset { $offset } MB
fact-manual-debt = manual debt
fact-manual = { $debt } MB
fact-manual-overdue = { $debt } MB, { $overdue } MB of it overdue
fact-manual-packages = { $debt } MB, and { $count ->
        [one] an unlimited package
       *[other] { $count } unlimited packages
    } for Rp { $price }
fact-manual-blocks = it blocks from { $moment } on, the end of the month
fact-blocked = blocked in database
fact-blocked-no = no
fact-blocked-since = yes, since { $since }
fact-blocked-since-unknown = yes, since an unknown time
fact-reason = reason
fact-reason-none = none given
debts-unpaid = Manual debts not paid
    .mb = MB
    .paid = paid MB
    .from = from
    .due = due
    .note = note

## lib/explain/rules: which rule decides, and what to do

rule-below-limit = automatic debt had reached the limit QUOTA_DEBT_LIMIT_MB, and is below it now
rule-last-day = manual debt is left on the last day of the month: it blocks from 23:00 on, within the hour
rule-unusable = the portal cannot read the user's row in the database
rule-manual = an administrator blocked the user; only an administrator ends this
rule-debt-limit = automatic debt has reached the limit QUOTA_DEBT_LIMIT_MB
rule-end-of-month = manual debt was left at the end of a month; it ends by settling or by hand
rule-overdue = a manual debt is past its due date; it ends by settling or by hand
rule-inactive = the account is switched off (is_active)
rule-not-approved = the account is not approved
rule-stale-row = no rule of the portal: a row that was left on the router blocks
rule-row-of-another = no rule of the portal: the address is on the blocked list under another user
rule-limit-exceeded = one device is blocked: the user has more devices than allowed
rule-pending-auth = one device is blocked: it waits for the user's consent
rule-expired = the quota's time is over
rule-habis = the quota is used up
rule-fup = little quota is left: slowed down by the fair usage policy
rule-router-unread = the database does not block; the router could not be read
rule-setting-missing = the names of the lists are not set, so that what the router does is not known
rule-none = nothing blocks the user
next-block = blocks the user, for debt
next-unblock = ends the block
next-keep-blocked = leaves the block
next-keep-free = keeps the user free
next-skip = passes over this user: not active, not approved, without a local number, or with a phone of the
    demonstration
next-untold = cannot be told: the used quota is not a number, or the router cannot be read
step-router = Make the router readable and ask again: `tikbook doctor`.
step-correct = Correct the row in the database: { $problem }.
step-settle = The user settles the manual debts in the portal: the block ends once automatic and manual debt together
    are 0.
step-activate = Activate or approve the account in the portal.
step-too-many-devices = The user frees a device in the portal, or the limit MAX_DEVICES_PER_USER is raised.
step-consent = The user logs in with this device and allows it in the portal.
step-buy = The user buys a package; the next sync lets them in.

## lib/common/holdings: a user's devices

devices-none = The user has no device.
devices = Devices
    .mac = MAC
    .device = device
    .network = on the network
    .binding = binding
    .lists = lists
    .lease = lease
    .arp = ARP
device-no = no
device-yes = yes
device-not-stored = not in the database
device-not-authorized = { $label } (not authorized)
device-stored = no; stored { $address }
device-logged-in = { $address }, logged in
device-disabled = { $what } (disabled)
device-binding-empty = (empty)

## lib/common/holdings: several things in a cell

device-list = { $parts }

## lib/explain/disagreements: where router and database disagree about a user

finding-disagreement = what disagrees
    .advice = the next sync corrects bindings and lists of authorized devices; the rest is for you
disagree-no-bypass = no bypass
disagree-no-binding = no ip-binding
disagree-bindings = { $count } ip-bindings
disagree-one = one
disagree-no-list = no status list
disagree-stored = { $address } in the database
disagree-no-device = no device of the user there
disagree-devices-of = devices of { $users }
disagree-one-user = one user
disagree-many = { $count } devices, { $random } with a random MAC
disagree-at-most = at most { $most }

## explain: what somebody gets, why, and who changes it

explain-without-right = without a right to access ({ $rule }), but let through on the router
explain-other-device = The device { $mac } as well: { $gets }, otherwise than the portal wants; { $cause }. Who changes it: { $task }.
explain-tables-missing = The database lacks these tables, or columns of them, so that what they would say is not
    said here: { $tables }.
fact-ends = the block ends
fact-online = on the network now
    .yes = yes
    .no = no
    .at = yes, at { $address }
fact-gets = what the user gets
gets-untold = cannot be told
gets-nothing = no internet
gets-without-right = internet without a right to it
gets-little = little bandwidth
gets-no-login = a login that cannot succeed
gets-internet = internet
gets-login = internet after a login
gets-right = as the portal wants it
gets-wrong = otherwise than the portal wants
fact-cause = cause
cause-row = the row { $address } ({ $id }) on the list { $list }
cause-row-missing = { $address } is missing on the list { $list }
cause-binding = the type of the ip-binding { $id }
cause-no-binding = the device has no ip-binding of the type that the portal wants
cause-hotspot-user = the hotspot user { $id }: limits of a block are left, or it is disabled
cause-no-hotspot-user = the router does not have the hotspot user
cause-database = the database blocks the user
cause-switched-off = the account is switched off or not approved
cause-debt = the automatic debt has reached the limit, so that the next usage sync blocks the user
cause-list-names = { $setting } is not set, and the router has the portal's lists by other names
fact-cause-too = cause as well
cause-too = { $cause }; { $task } ends that
cause-too-stays = { $cause }; no task of the portal ends that
cause-no-payment = what was paid for is used up, over, or almost
cause-unknown-device = no table knows the device, or its user has not allowed it
cause-setting = the setting { $setting } is missing, so that the portal passes over { $address }
cause-sync-dead = the usage sync does not run, which would put it right
cause-sync-dead-row = the usage sync does not run, which would put right that { $address } is on the list { $list } ({ $id })
fact-changed-by = who changes it
    .at = { $task }, { $moment }
task-usage_sync = the usage sync
task-overdue_block = the block for overdue debts
task-end_of_month_block = the block at the end of the month
task-unauthorized_sync = the sync of unauthorized hosts
task-parity_guard = the parity guard
task-payment = a payment of the user
task-operator = an administrator
task-nobody = nobody
task-unknown = it cannot be told
task-dead = { $task }, which does not run
next-steps = { $next }: it { $steps }
next-removes-row = removes { $address } from { $list }
next-adds-row = puts { $address } on { $list }
next-sets-binding = makes the ip-binding { $id } { $type }
next-removes-binding = removes the ip-binding { $id }
next-adds-binding = adds an ip-binding for { $mac }, { $type }
next-sets-profile = gives the hotspot user the profile { $profile }
fact-payment = last payment
payment-none = none known
payment-credited = paid and credited: order { $order }, Rp { $amount }, { $moment }
payment-not_credited = paid and NOT credited: order { $order }, Rp { $amount }, { $moment }
payment-pending = not paid yet: order { $order }, Rp { $amount }, { $moment }
payment-expired = not paid in time: order { $order }, Rp { $amount }, { $moment }
payment-failed = failed: order { $order }, Rp { $amount }, { $moment }
actions = What administrators did
    .when = when
    .who = who
    .what = what
    .details = details
settled = Debts that an unblock marked as paid
    .mb = MB
    .price = price
    .when = when
    .note = note
debts-unpaid-unlimited = unlimited, Rp { $price }
fact-manual-blocks-now = it blocks within the hour, at the end of the month

## lib/explain/rules: steps by the advice of portal::access

rule-ends = when automatic debt ({ $automatic } MB) and manual debt ({ $manual } MB) together are 0; now they are
    { $total } MB
rule-ends-packages = when automatic debt ({ $automatic } MB) and manual debt ({ $manual } MB, and { $count ->
        [one] an unlimited package
       *[other] { $count } unlimited packages
    } for Rp { $price }) together are 0
rule-other-access = the user has a right to access, and gets another than the portal wants
rule-row-on-list = no rule of the portal: the address is on a list that is not the one of the user's status
rule-binding-type = no rule of the portal: the ip-binding is not of the type that the user's status wants
rule-no-binding = the router asks for a login, as no ip-binding that is in force lets the device in
rule-login-limits = the hotspot user is disabled or has limits that are left from a block: a login fails
step-wait = Wait: { $task } puts this right by itself, in its next run.
step-start-sync = The usage sync would put this right, but does not run: `tikbook run diagnose-sync` says why.
step-set-setting = Set { $setting } in the environment of the portal and start it again: its default does not hold
    this address, so that the portal passes over it.
step-set-list-name = Set { $setting } in the site's env_file or environment to the name that the list has on the router.
step-remove-row = Remove the row { $address } ({ $id }) from the list { $list }.
step-row-is-wide = The row lies over { $devices } devices, which are all let go with it.
step-then = { $first } { $second }
step-remove-binding = Remove the ip-binding { $id }, which names no user of the database.
step-set-binding = Give the ip-binding { $id } the type { $type }, and leave its comment: by it the portal finds the user.
step-reset-hotspot-user = Take the limits of the block off the hotspot user { $id }.
step-disconnects = Whoever is on the network with it is cut off.
step-by-hand = No task of the portal does it, so by hand:
step-by-hand-until = A task of the portal does it, but not now; until then by hand:
command-reset-hotspot-user = /ip/hotspot/user/set { $id } disabled=no limit-bytes-total=0 limit-uptime=0s profile={ $profile }
step-buy-debt = The user buys at least { $least } MB. The block ends when automatic debt ({ $automatic } MB) and manual debt
    ({ $manual } MB) together are 0, not when quota is left.
step-buy-below-limit = The user buys at least { $least } MB. The block ends when automatic debt ({ $automatic } MB) is below the
    limit of { $limit } MB; internet comes back when more is bought than is owed.
step-unblock = An administrator unblocks the user in the portal.
step-unblock-settles = An administrator unblocks the user in the portal: this marks ALL debts of the user as paid,
    and the money is not asked for again.
step-credit = The user paid and got no quota: give it in the portal's administration, by the order.
step-finish-payment = The user finishes the payment that is under way.
step-log-in = The user logs in with the device.
step-end-session = End the session of the device on the router: it is cut off then.
step-rewrite-hotspot-user = Let the portal write the hotspot user anew, in the user's page of the administration:
    the user gets another password.

## lib/common/strangers: devices that no table knows

strangers-title = { $count } devices that no table knows, by the { $kind } { $value }
stranger-title = A device that no table knows: { $mac } at { $address }
stranger-gone-title = A device of { $who }, who is not in the database: { $mac } at { $address }
stranger-mac = MAC
    .random = random: the device makes up another one some day
    .fixed = of its maker
stranger-name = name in the lease
    .none = none
stranger-lease-of = the lease's comment names
stranger-binding-of = the binding names, who is not in the database
stranger-since = on the hotspot since
strangers = Devices
    .mac = MAC
    .whose = whose
    .address = address
    .name = name
    .network = on the network
    .binding = binding
    .lists = lists
    .gets = gets
    .nobody = nobody's

traces-title = No device is known by the { $kind } { $value }, but the router has this
traces = What the router has
    .where = where
    .what = what
    .address = address
    .whose = whose
    .list = list
    .binding = ip-binding
    .lease = lease
    .arp = ARP

## lib/common/reach: services that cannot be reached

router-unread = The router could not be read: what it holds is not said here, and nothing is said of it to be right.
redis-unread-here = Redis could not be read ({ $why }): whether the usage sync runs, what it counted before, and so what it
    does next, is not known for certain.

## lib/audit/access: what audit points out about access

finding-sync-dead = the usage sync does not run
    .advice = `tikbook run diagnose-sync` says why; until it runs, nothing of this is put right
affected-now = Cut off and online now, with a right to access
    .user = user
    .name = name
    .address = address
    .gets = gets
    .changed_by = who changes it
affected-otherwise = Online now, with another access than the portal wants
finding-cut-off = users on the network who are cut off, though they have a right to it, and no task that runs changes it
    .advice = `tikbook explain PHONE` says which row or binding it is, and what to do
finding-cut-off-until-sync = users on the network who are cut off until a task of the portal runs next
    .advice = wait for the next run; if it stays so, the sync does not run: `tikbook run diagnose-sync`
finding-let-through = devices on the network without a right to it, and no task that runs changes it
    .advice = `tikbook explain MAC` says what lets it through; only you end it
finding-let-through-until-sync = devices on the network without a right to it, until a task of the portal runs next
    .advice = wait for the next run; if it stays so, the sync does not run: `tikbook run diagnose-sync`
finding-device-cut-off = devices that are shut out by themselves, otherwise than the portal wants
    .advice = `tikbook explain PHONE` says what holds each; a block that is left from a settled debt no task takes away
finding-paid-not-credited = users who paid and were not given what they paid for
    .advice = give the quota in the portal's administration, by the order
finding-orphan-binding = ip-bindings that let devices of deleted users through
    .advice = remove the binding: no task of the portal does
finding-login-limits = free users whose hotspot user keeps the limits of a block: a login fails
    .advice = no task of the portal takes them away: set limit-bytes-total=0, limit-uptime=0s and the profile of
        the status
finding-row-at-free-address = rows that shut out a user who has a right to access
    .advice = those that a task removes go by themselves, if it runs; remove the others
finding-wide-row = networks and ranges on lists that shut out, over the addresses of devices or of other rows
    .advice = see whether all that lies under it is meant; removing it lets all of it go

## lib/explain/reply: three sentences for the customer

reply-untold = We cannot see at the moment what your internet access is.
reply-untold-why = Our system lacks a setting for that.
reply-no-right = You have no right to internet access at the moment.
reply-debts-reached = Your debts have reached the limit, so that your account is blocked.
reply-little-quota = Little of your quota is left.
reply-to-nobody = { $count ->
        [0] No answer to a customer can be given: no user is known by this.
       *[other] No answer to a customer can be given: { $count } users are known by this. Choose one of them.
    }
reply-cut-off = Your internet access does not work at the moment.
reply-slowed = Your internet access is slow at the moment.
reply-login-fails = You cannot log in at the moment.
reply-works = Your internet access works at the moment.
reply-nothing-wrong = Your account is in order.
reply-not-active = Your account is not active.
reply-blocked = An administrator has blocked your account.
reply-debts = Your account is blocked because of debts that are not paid.
reply-no-quota = Your quota is used up, or its time is over.
reply-device = This device is not registered with your account.
reply-our-fault = This is a fault on our side, not on yours.
reply-tell-us = Please tell us if something does not work.
reply-wait = It is put right within a few minutes, you need not do anything.
reply-buy = Please buy a package.
reply-settle = Please settle your debts.
reply-administrator = Please talk to the administrator.
reply-payment-seen = We see your payment and will add the quota.
reply-finish-payment = Please finish the payment that you have begun.
reply-log-in = Please log in with this device.
reply-we-work = We are putting it right.

## repair: one user on the router

repair-title = { $name } ({ $phone }): repair on the router
repair-choose = Choose one by the phone: `tikbook repair PHONE`
repair-nothing = Nothing is to be repaired on the router: the usage sync would change none of the user's lists and
    bindings, nor the hotspot user.
repair-nothing-own = Nothing of the user's own is to be repaired on the router: what holds the user is another's row or
    binding, which the usage sync changes.
repair-in-doubt = Nothing is planned while the names of the lists are in doubt: see the findings.
repair-of-nobody = Nothing is planned: a repair makes of the router what the usage sync makes of it for a user, and this is
    no user's.
repair-passed-over = The usage sync passes over this user: not active, not approved, without a local number, or with a
    phone of the demonstration. So it changes nothing for them, and neither does a repair.
repair-untold = what the usage sync would do cannot be told without Redis, where it keeps what it has counted
repair-at-rest = Looked at again: the usage sync finds nothing more to do for the user's lists and bindings, nor for
    the hotspot user.
repair-not-at-rest = Looked at again, the usage sync would still do this: it { $steps }
repair-left = Left to the portal
    .what = the sync
    .why = why not the repair
repair-left-row = the row names nobody, or the site protects it
repair-left-binding = the binding names its user, and so is not removed
repair-left-binding-of-another = the binding names another user, and would be renamed
repair-columns = What the sync writes into the database, which a repair does not
    .column = column
    .before = now
    .after = then
repair-leases = The sync writes leases of the user's devices as well; a repair leaves these to it.
repair-why-binding = the ip-binding gets the type that the user's status wants
repair-why-bindings = { $mac } has one ip-binding, for its user and for any address
repair-why-second-binding = the device has another ip-binding, as its user's status wants it
repair-why-no-binding = the device has no ip-binding that names its user
repair-why-profile = the hotspot user gets the profile of the user's status
repair-why-limits = limits of a block are left on the hotspot user of somebody who may be on the network
repair-why-address = { $address } moves to the list of its user's status
repair-why-list = the list of the user's status
repair-why-other-list = not the list of the user's status
repair-why-comment = the comment names the user whose address it is, and the status
