# What tikbook itself says to people, in English. The syntax is Fluent's (https://projectfluent.org): a message is
# a whole sentence, its lines are joined by blanks. Each is a type of the crate `sentences`, named as its key is:
# `question-make` is `QuestionMake`.

## The question before changes are made

question-make = { $changes ->
        [one] Make { $changes } change?
       *[other] Make { $changes } changes?
    }
question-choices = v shows all of it, s leaves some out.
question-again = Please answer y, n, v or s.
question-which = Leave out which? Numbers as above, such as 2,5-7; Enter leaves none out:
question-no-number = `{ $given }` is none of the numbers 1 to { $count }. Leave out which? Numbers as above,
    such as 2,5-7; Enter leaves none out:
question-backwards = `{ $given }` goes backwards. Leave out which? Numbers as above, such as 2,5-7; Enter leaves
    none out:
question-no-terminal = changes are to be made, and there is no terminal to ask on
question-give-yes = give --yes to make them without asking
question-pager-failed = The pager `{ $pager }` failed: { $why }

# The answers that are understood, in any case of letters: words with commas between. The first of yes and of no
# stand behind the question, no as what an empty line means.
answer-yes = y, yes
answer-no = n, no
answer-view = v, view
answer-some = s, some

answered-no = the answer was no
answered-unclear = the answer was neither yes nor no
answered-nothing = all of them were left out
answered-end = the input ended without an answer
answered-silence = { $minutes ->
        [one] no answer came within { $minutes } minute
       *[other] no answer came within { $minutes } minutes
    }

## What is asked for: changes

proposal-place = On the site `{ $site }`:
proposal-stage = On the site `{ $site }`, stage { $stage }:
proposal-whole = { $changes ->
        [one] On the site `{ $site }`, { $changes } change:
       *[other] On the site `{ $site }`, { $changes } changes:
    }
proposal-stage-whole = { $changes ->
        [one] On the site `{ $site }`, stage { $stage }, { $changes } change:
       *[other] On the site `{ $site }`, stage { $stage }, { $changes } changes:
    }
proposal-first = The first { $shown } of { $changes }:
proposal-cannot = What cannot be made:
proposal-change = { $change } ({ $why })
proposal-not-made = { $status }: { $change }
proposal-not-made-why = { $status }: { $change }: { $why }
proposal-not-made-of-user = { $status }: { $change } (of { $user })
proposal-not-made-of-user-why = { $status }: { $change } (of { $user }): { $why }
proposal-of-user = of { $user }
proposal-together = together: { $why }

## What is asked for: journals to remove

prune-head = { $runs ->
        [one] { $days ->
            [one] { $runs } run ended more than { $days } day ago, and cannot be undone without a journal:
           *[other] { $runs } run ended more than { $days } days ago, and cannot be undone without a journal:
        }
       *[other] { $days ->
            [one] { $runs } runs ended more than { $days } day ago, and cannot be undone without a journal:
           *[other] { $runs } runs ended more than { $days } days ago, and cannot be undone without a journal:
        }
    }
prune-run = { $run } { $runbook } ({ $state })
prune-more = … and { $runs } more
prune-question = { $journals ->
        [one] Remove { $journals } journal?
       *[other] Remove { $journals } journals?
    }
prune-done = { $removed ->
        [one] Removed the journals of { $removed } run; { $left ->
            [one] { $left } run left.
           *[other] { $left } runs left.
        }
       *[other] Removed the journals of { $removed } runs; { $left ->
            [one] { $left } run left.
           *[other] { $left } runs left.
        }
    }
prune-no-days = how long journals are kept is not said
prune-no-days-hint = give a number of days, or set keep = "90d" in the site's file
prune-no-terminal = journals are to be removed, and there is no terminal to ask on
prune-give-yes = give --yes to remove them without asking

## Pages

page-site = site { $site }, { $time } { $zone }
page-next = What to do next
page-step-of = { $checks }: { $advice }
page-headline = { $title }: { $verdict }
page-not-judged = Not judged, because of { $check }; what was seen:
page-not-judged-unseen = Not judged, because of { $check }: { $checks }
page-nothing-seen = nothing of { $checks }
verdict-failed = { $failed } of { $checks } checks failed
verdict-untold = nothing failed, { $untold } of { $checks } checks could not be told
verdict-look = nothing failed, { $look ->
        [one] { $look } of { $checks } checks needs a look
       *[other] { $look } of { $checks } checks need a look
    }{ $untold ->
        [0] {""}
       *[other] , { $untold } could not be told
    }
verdict-found = { $found ->
        [one] the checks passed, { $found } finding needs a look
       *[other] the checks passed, { $found } findings need a look
    }
verdict-nothing-told = nothing can be told
verdict-well = all is well
check-not-judged = not judged, because of { $check }
check-not-judged-seen = not judged, because of { $check }; seen: { $seen }
check-advice = { $advice } { $commands }
page-more = … and { $findings } more; --json lists all of them
page-checks = checks: { $counts }
page-findings = findings: { $counts }
severity-critical = critical
    .count = { $findings } critical
severity-warning = warning
    .count = { $findings ->
        [one] { $findings } warning
       *[other] { $findings } warnings
    }
severity-info = info
    .count = { $findings } info
status-fail = fail
    .count = { $checks } failed
status-warn = warn
    .count = { $checks } to look at
status-unknown = unknown
    .count = { $checks } could not be told
status-pass = pass
    .count = { $checks } passed
value-yes = yes
value-no = no

# The heads of columns that are fields of the portal or of the router. Of a name that is not here, `words` are the
# words that it consists of, and `unit` is the unit that it ends with.
heading-field = { $field ->
        [active] active
        [address] address
        [advice] advice
        [also] also
        [amount_rp] amount (Rp)
        [approval] approval
        [as_written] comment, as it is written
        [at] at
        [bindings] bindings
        [block_cause] block cause
        [cause] cause
        [changed_by] changed by
        [check] check
        [comment] comment
        [comment_to_write] comment to write
        [debt_mb] debt (MB)
        [device_of] device of
        [devices] devices
        [differences] differences
        [effect] effect
        [evidence] evidence
        [expected] expected
        [found] found
        [hotspot_user] hotspot user
        [id] ID
        [likely] likely
        [list] list
        [list_wanted] list wanted
        [lists] lists
        [mac] MAC
        [mac-address] MAC address
        [name] name
        [online_now] online now
        [order] order
        [phone] phone
        [problem] problem
        [removed_by] removed by
        [role] role
        [row] row
        [row_of] row of
        [rows] rows
        [rows_below] rows below
        [rows_to_remove] rows to remove
        [setting] setting
        [since] since
        [status] status
        [sync_debt_mb] sync debt (MB)
        [timeout] timeout
        [type] type
        [user] user
        [what] what
        [where] where
        [who] who
        [why] why
       *[other] { $words }
    }
heading-field-unit = { $words } ({ $unit })

# What stable words of programs are to people, in the columns that hold such words.
spoken-code = { $code ->
        [binding_type] type of its binding
        [cut_off] cut off
        [database_block] blocked by the database
        [end_of_month_block] the block at the end of the month
        [hotspot_user_limits] limits of the hotspot user
        [let_through] let through
        [login_fails] cannot log in
        [no_payment] nothing is paid for
        [none] none
        [nobody] nobody
        [operator] an administrator
        [overdue_block] the block for overdue debts
        [parity_guard] the parity guard
        [payment] a payment of the user
        [row_on_list] a row on the list
        [setting_missing] a setting is missing
        [slowed] slowed
        [sync_dead] the sync does not run
        [unauthorized_sync] the sync of unauthorized hosts
        [unknown] cannot be told
        [unknown_device] unknown device
        [usage_sync] the usage sync
       *[other] { $code }
    }

## Doctor: what was found, and what to do about it

doctor-title = Doctor
doctor-no-answer = no answer within { $limit }
doctor-no-answer-advice = see that the service runs and that no firewall drops the packets
doctor-unusable-advice = see that the service runs and can be reached from here

doctor-clock-agrees = agrees with this machine's
doctor-clock-ahead = { $unit ->
        [seconds] { $count } s ahead of this machine's
        [minutes] { $count } minutes ahead of this machine's
       *[hours] { $count } hours ahead of this machine's
    }
doctor-clock-behind = { $unit ->
        [seconds] { $count } s behind this machine's
        [minutes] { $count } minutes behind this machine's
       *[hours] { $count } hours behind this machine's
    }
doctor-clock-advice = set up NTP on both machines; expiry, due dates and the sync's throttle go by the clock
doctor-clock-told = the service tells its time as `{ $time }`
doctor-clock-by-hand = compare it with `date` by hand

doctor-broker = connected to { $address }
doctor-broker-advice = see that Celery's broker runs, and that CELERY_BROKER_URL has its host, port and password

doctor-database = connected to { $address }, for reading only
doctor-database-tables = the portal's: { $tables }
doctor-database-no-table = the portal's table { $table } cannot be read: { $why }
doctor-database-no-table-advice = see that DATABASE_URL names the portal's database, that its migrations have run,
    and that this user may read its tables

doctor-docker-running = { $engine }: { $running } of { $containers } containers run
doctor-docker-no-project = { $engine }, no container of the project `{ $project }`
doctor-docker-no-project-advice = check COMPOSE_PROJECT_NAME against `docker compose ls --all`

doctor-redis = connected to { $address }
doctor-redis-keys = the portal's own keys are there
doctor-redis-broker = this is the database of Celery's broker, not the portal's own
doctor-redis-broker-advice = set REDIS_DB_OTP, or the number at the end of REDIS_URL, to the portal's database (0)
doctor-redis-no-keys = none of the portal's keys is there
doctor-redis-no-keys-advice = the sync has not run since Redis started, or REDIS_DB_OTP names another database
doctor-redis-unread-advice = see that this user of Redis may read: +@read

doctor-router = logged in to { $address }
doctor-router-release = RouterOS { $release }
doctor-router-policies = give the user's group the policies read and api (/user/group)

doctor-lists-set = the names of all lists are set
doctor-lists-known = all lists with the portal's rows are looked at
doctor-lists-unread-advice = see that the router's user may read the address-lists
doctor-lists-doubted = nobody set the names of the lists { $names }, and no row of the portal is on them; the
    portal's comments stand on { $found }
doctor-lists-doubted-advice = set the names as the portal has them, in the site's env_file or the environment: { $settings }

## Services that cannot be used, and what to do about it

error-not-configured = { $what ->
        [database] no database is configured for the site `{ $site }`
        [redis] no redis is configured for the site `{ $site }`
        [celery] no celery is configured for the site `{ $site }`
        [results] no celery result backend is configured for the site `{ $site }`
        [docker] no docker is configured for the site `{ $site }`
        [router] no router is configured for the site `{ $site }`
       *[other] no { $what } is configured for the site `{ $site }`
    }
error-config-unreadable = { $what ->
        [configuration] cannot read the configuration `{ $file }`
        [secret] cannot read the secret `{ $file }`
       *[environment] cannot read the environment file `{ $file }`
    }
error-config-secret-unreadable = cannot read the secret that `{ $place }` names
error-config-file = cannot understand `{ $file }` at line { $line }: { $reason }
error-config-key = unknown key `{ $key }` in `{ $file }` at line { $line }
error-config-literal-secret = a secret must not stand in the configuration: `{ $key }` in { $place }
error-config-env-line = cannot understand line { $line } of the environment file `{ $file }`: { $reason }
error-config-value = cannot use { $name }: { $reason }
error-config-protected = cannot use { $key }
error-config-no-secret = cannot find the secret for { $name }: { $reason }
error-config-redirected = `{ $file }` may not change `{ $key }`, which a file of the user or of the system defines
error-config-unknown-site = unknown site `{ $site }`
error-config-no-site = no site was chosen and there is no `default_site`
hint-config-keys = known keys there: { $keys }
hint-config-literal-secret = write `{ $key }_env` (a variable's name), `{ $key }_file` (a path) or `{ $key }_credential`
    (a systemd credential) instead
hint-config-site-near = did you mean `{ $near }`? known sites: { $sites }
hint-config-sites = known sites: { $sites }
hint-config-choose-site = choose one with --site: { $sites }
hint-config-redirected = take `{ $key }` out of one of the two, or name the file that is meant: --config { $file }
hint-config-env-line = write NAME=value, one on a line; quote a value that needs it
hint-config-secret-file = see that `{ $place }` names a file that you may read; a relative path in a file is meant from
    the folder of that file
reason-docker-ssh = an Engine behind ssh:// is not asked
reason-docker-form = it is neither unix:///path nor tcp://host:port
reason-docker-port = its port is no number
reason-docker-host = it names no host
error-demo = cannot start the demo site: { $reason }
error-unknown-router = the site `{ $site }` has no router `{ $name }`
error-unchecked-tls = router `{ $address }`: TLS without a check of the certificate protects nothing

hint-not-configured = set { $variables }, or describe the site in tikbook.toml, or look around with --site demo
hint-unknown-router = its routers are { $routers }
hint-unchecked-tls = pin the router's certificate: put what `tikbook fingerprint HOST` shows into
    MIKROTIK_TLS_PIN_SHA256, or its authority's file into MIKROTIK_TLS_CA_FILE
hint-router-limit = the limit is set by { $setting } in [sites.NAME.limits] of tikbook.toml
hint-router-limit-long = the limit is set by --timeout { $example }, or { $limit } in [sites.NAME.limits] of tikbook.toml

hint-database-unreachable = check that the database runs, and host, port and TLS in DATABASE_URL or tikbook.toml
hint-database-login = check user, password and database name in DATABASE_URL or tikbook.toml
hint-database-disconnected = what was read before is of no use with what would be read now; run it again
hint-database-timeout = narrow the query, or allow more time with --timeout
hint-database-denied = runbooks only read the database; give tikbook a role that may do no more than SELECT
hint-database-undeclared = if its rows may change too, name it beside the other in the header of the runbook: writes: ["db:{ $table }", …]
hint-database-count = write $1, $2, … in the query, one for each value
hint-database-parameter = cast it in the query, for instance $1::text::interval
hint-database-value = cast the column to text in the query
hint-database-too-much = narrow the query, or raise max_rows or max_bytes of the site

hint-no-room = ask for less at once, and keep less of what was read before
hint-redis-unreachable = check that Redis runs, and host, port and TLS in REDIS_HOST_OTP, REDIS_URL or tikbook.toml
hint-redis-login = check the password in REDIS_PASSWORD_OTP, REDIS_URL or tikbook.toml
hint-redis-timeout = check whether the port speaks TLS (rediss://) and this address does not, or the other way
    round; or allow more time with --timeout
hint-redis-disconnected = run it again; if it stays so, look into the log of Redis
hint-redis-too-much = ask for fewer, for instance with a narrower pattern
hint-redis-too-large = ask for less of it, or raise max_answer of the site
hint-redis-cluster = scan each server of the cluster by its own address
hint-redis-keys = call redis::scan(pattern), which takes small steps
hint-redis-select = name the database in the URL of the site: …/2

hint-docker-no-socket = run tikbook on the machine of the containers, mount the socket into tikbook's own
    container, or set DOCKER_HOST
hint-docker-address = DOCKER_HOST is unix:///path or tcp://host:port; the socket of another machine can be brought
    here by `ssh -N -L /tmp/docker.sock:/var/run/docker.sock HOST`
hint-docker-not-allowed = add the user to the group docker, or run tikbook as one who may
hint-docker-unreachable = see that the Docker Engine runs: systemctl status docker; and where it listens:
    DOCKER_HOST, DOCKER_TLS_VERIFY, DOCKER_CERT_PATH
hint-docker-timeout = see whether `docker ps` answers; or allow more time with --timeout
hint-docker-disconnected = run it again; if it stays so, look into the Engine's log
hint-docker-protocol = check DOCKER_HOST, and DOCKER_TLS_VERIFY for a port with TLS
hint-docker-tls = the port speaks TLS: set DOCKER_TLS_VERIFY=1 and DOCKER_CERT_PATH
hint-docker-log-driver = this container logs to where the Engine cannot read; read the log there, or give the
    service the logging driver local or json-file
hint-docker-no-project = no container there belongs to a Compose project; check COMPOSE_PROJECT_NAME and
    DOCKER_HOST, and see `docker compose ls --all`
hint-docker-services = the services there are { $services }
hint-docker-too-much = ask for fewer lines with tail, or for a shorter time with since

hint-celery-broker = see that this Redis runs, and that CELERY_BROKER_URL has its host, port, database and password
hint-celery-results = see that this Redis runs, and that CELERY_RESULT_BACKEND has its host, port, database and
    password
hint-celery-cluster = name one server in CELERY_BROKER_URL, as its workers do
hint-celery-replica = CELERY_BROKER_URL leads to a replica, which no worker can use either: name the master
hint-celery-disk = this Redis cannot save to its disk and takes no writes until it can: make room there, see its
    log; tasks cannot be sent either
hint-celery-memory = this Redis has used up its maxmemory: give it more, or see what fills it; tasks cannot be
    sent either
hint-celery-rights = the user in CELERY_BROKER_URL may not ask workers: allow it PUBLISH, and SADD, SREM and DEL of
    the keys `_kombu.binding.reply.celery.pidbox` and `*.reply.celery.pidbox`

## Changes that were refused, or could not be begun

error-change-undeclared = the runbook may not write `{ $target }`
error-change-id = `{ $id }` is not the id of a row
error-change-not-confirmed = the changes were not made, as { $why }
error-change-locked = another run is changing the site `{ $site }`; { $waited } was waited for it
error-change-locked-by = another run is changing the site `{ $site }`: { $by }; { $waited } was waited for it
error-change-lock = cannot take the lock `{ $path }`, by which one run at a time changes the site
error-change-no-lock = `{ $path }` is to be the lock by which one run at a time changes the site, and is no plain file of its
    own
error-change-portal-busy = the portal's sync is running: redis has the key `{ $key }`; { $waited } was waited for it
error-change-portal-unsure = the portal's sync may be running: redis has the key `{ $key }`, and { $why };
    { $waited } was waited for it
error-change-at-work = the run { $run } is still at work
error-change-other-site = the run { $run } was of another site: { $difference }
error-change-newer-journal = the run { $run } is of a newer tikbook: its journal has the format `{ $format }`
error-change-plan-applied = the plan was applied meanwhile, by the run { $run }
error-change-stage = { $allowed ->
        [one] the run planned a stage { $stage }, and without a question { $allowed } stage is made
       *[other] the run planned a stage { $stage }, and without a question { $allowed } stages are made
    }
error-change-other-plan = the plan of now is not the one that was approved: { $differences }
error-change-unanswered = the run was stopped at its question: what it asked for was not made
error-change-stopped-waiting = the run was stopped while it waited for who else changes the site: what it was to
    change was not made
error-change-interrupted = { $asked ->
        [one] the run was stopped: { $made } of { $asked } change was made
       *[other] the run was stopped: { $made } of { $asked } changes were made
    }
error-change-interrupted-unsure = { $asked ->
        [one] the run was stopped: { $made } of { $asked } change was made, and of { $unknown } it is not known
       *[other] the run was stopped: { $made } of { $asked } changes were made, and of { $unknown } it is not known
    }
error-change-no-room = looking at what is to be changed takes more memory than the { $limit } MiB that a run may hold
error-change-stopped = the run was stopped while its changes were planned: nothing of them was made
error-change-failed = the run failed

error-too-many-changes = { $changes ->
        [one] { $limit ->
            [one] the run would change { $changes } row, and { $limit } is allowed
           *[other] the run would change { $changes } row, and { $limit } are allowed
        }
       *[other] { $limit ->
            [one] the run would change { $changes } rows, and { $limit } is allowed
           *[other] the run would change { $changes } rows, and { $limit } are allowed
        }
    }
error-too-much-of-list = { $of ->
        [list] the run would change { $changed } of the { $size } rows of the list `{ $list }`, which is more than half
        [table] the run would change { $changed } of the { $size } rows of the table `{ $list }`, which is more than
            half
       *[menu] the run would change { $changed } of the { $size } rows of { $list }, which is more than half
    }
error-too-much-perhaps = the run would change perhaps { $changed } of the { $size } rows of the table `{ $table }`,
    which is more than half
error-too-much-uncounted = { $changed ->
        [one] the run would change { $changed } row of the table `{ $table }`, and nobody can count whether that is
            more than half
       *[other] the run would change { $changed } rows of the table `{ $table }`, and nobody can count whether that
            is more than half
    }

differences-more = and { $count } more
lock-holder = { $operator } as run { $run }
lock-holder-elsewhere = a run on another machine
portal-not-asked = its workers cannot be asked: { $why }
portal-no-worker = no Celery worker is there to ask
portal-silent = { $silent } of { $workers } Celery workers did not say what they run

site-other-name = it was made for the site `{ $site }`
site-other-router = it was made for the router { $routers }
site-other-database = it was made for another database
site-other-redis = it was made for another redis

error-journal-write = cannot write the journal `{ $path }`
error-journal-read = cannot read the journals in `{ $path }`

error-plan-read = cannot read the plan `{ $path }`
error-plan-write = cannot write the plan `{ $path }`
plan-no-folder = there is no folder `{ $folder }`
error-plan-none = `{ $path }` is not a plan: { $why }
error-plan-too-large = `{ $path }` is not a plan: it is too large
error-plan-not-text = `{ $path }` is not a plan: it is not text
error-plan-other-format = `{ $path }` is not a plan: its format is `{ $format }`, not `{ $wanted }`
error-plan-edited = the plan was edited after it was made
error-plan-newer = a newer tikbook made the plan: it has the format `{ $format }`
error-plan-early = the plan was made at { $created }, which is yet to come
error-plan-expired = the plan expired at { $expires }
error-plan-half = the plan would make only half of what is to become of a row: `{ $made }` and not `{ $left }`
error-plan-applied = the plan was applied before, by the run { $run }
error-plan-journals = cannot see whether the plan was applied before, and what it undoes
error-plan-seal = cannot seal the plan with the key of the state folder
error-plan-foreign = the plan was not made here, and what made it is not here as it was: nobody vouches for its rows
error-plan-other-site = the plan is not for this site: { $difference }

error-selection-empty = an empty text is no key of a change
error-selection-unknown = no change that is planned has the key `{ $key }`
## The database: what went wrong

error-database-unreachable = cannot reach the database at { $address }: { $reason }
error-database-connect-timeout = the database at { $address } did not answer within { $limit }
error-database-login = cannot log in to the database at { $address }: `{ $message }`
error-database-disconnected = lost the connection to the database at { $address }: { $reason }
error-database-timeout = the database at { $address } did not finish the query within { $limit }
error-database-denied = refused the query: { $reason }
error-database-undeclared = the statement also changes the table `{ $table }`, { $how }, and nothing says that it may
error-database-query = the database cannot answer the query: `{ $message }`
error-database-query-at = the database cannot answer the query: `{ $message }` at line { $line }, column { $column }
error-database-count = { $expected ->
        [one] the query takes { $expected } parameter, { $given } were given
       *[other] the query takes { $expected } parameters, { $given } were given
    }
error-database-parameter = cannot use parameter ${ $number }: { $reason }
error-database-value = cannot read column `{ $column }`: { $reason }
error-database-too-many-rows = the answer has more than { $limit } rows
error-database-no-room = the answer of the database at { $address } takes more memory than is left of the { $limit } MiB that a run may hold
error-database-too-many-bytes = the answer has more than { $limit } bytes
database-announces-too-much = what answers there sends or announces more than the memory that a run may hold
database-no-database = what answers there does not answer as a database does
database-lost-earlier = it was lost earlier in this run, and its snapshot with it
database-says = the database says `{ $message }`

# Why a statement is not sent.
statement-too-long = it is longer than a mebibyte
statement-nul = it holds a NUL character
statement-several = it holds more than one statement
statement-empty = it holds no statement
statement-not-reading = `{ $word }` does not read
statement-explained = EXPLAIN is let through only before SELECT, WITH, VALUES and TABLE
statement-writing-word = `{ $word }` writes or locks; quote it if it is the name of a column
statement-function-letters = the function `{ $function }` has letters beyond ASCII
statement-function = `{ $function }` does more than read
statement-verb = only INSERT INTO, UPDATE and DELETE FROM write one table
statement-returning = with RETURNING it would read too; read after it was executed
statement-table-alone = the table must stand alone behind INSERT INTO, UPDATE or DELETE FROM
statement-second-write = `{ $word }` in it could write more
statement-two-strings = it holds two strings side by side; join them with ||
statement-run-comment = it holds a comment that the server would run
statement-open-comment = a comment is never closed
statement-open = a { $mark } is never closed
statement-open-dollars = a $$ string is never closed
statement-question-mark = it holds a `?`; write parameters as $1, $2, …
statement-byte-order-mark = it holds a byte order mark, which some servers take for a space
statement-unicode-name = it holds a name in U&"…"
statement-parameter-number = the number of a parameter is from 1 to 65535
statement-number-into-word = a number runs into a word
statement-name-letters = `{ $name }` has letters beyond ASCII: quote it
statement-name-cut = the server would cut the name `{ $name }`

## Redis: what went wrong

error-redis-unreachable = cannot reach redis at { $address }: { $reason }
error-redis-login = cannot log in to redis at { $address }: `{ $message }`
error-redis-connect-timeout = redis at { $address } did not answer the connection within { $limit }
error-redis-timeout = redis at { $address } did not answer `{ $command }` within { $limit }
error-redis-disconnected = lost the connection to redis at { $address }: { $reason }
error-redis-denied = refused the redis command `{ $command }`: { $reason }
error-redis-refused = redis refused `{ $command }`: `{ $message }`
error-redis-not-pairs = redis answered `{ $command }` with something else than pairs of text
error-redis-not-keys = redis answered `{ $command }` with something else than a cursor and keys
error-redis-not-number = redis answered `{ $command }` with something else than a number
error-redis-not-bytes = redis answered `{ $command }` with something else than bytes
error-redis-too-many-keys = redis has more than { $limit } keys to answer `{ $command }`
error-redis-too-many-bytes = the answer of redis to `{ $command }` takes more than { $limit } bytes
error-redis-no-room = the answer of redis to `{ $command }` takes more memory than is left of the { $limit } MiB that a run may hold
error-redis-too-many-messages = redis has more than { $limit } messages to answer `{ $command }`

# Why a command is not sent.
redis-connection = it would change the connection for everything that follows
redis-endless = its answers would never end
redis-holds-up-keys = it holds up the whole server while it looks through every key
redis-holds-up = it holds up the whole server
redis-waits = it would hold up everything that follows
redis-waits-block = with BLOCK it would hold up everything that follows
redis-script-writes = a script may write
redis-function-writes = a function may write
redis-script-holds-up = a script may hold up the whole server
redis-function-holds-up = a function may hold up the whole server
redis-writes-count = it keeps what it counted in its key
redis-writes-use = it writes when its keys were last used
redis-writes-database = it writes into another database
redis-writes-databases = it writes into other databases
redis-writes-db = with DB it writes into another database
redis-writes-server = it writes to another server
redis-tells-passwords = its answers hold the passwords of the server
redis-unknown = the server does not know it
redis-unknown-subcommand = the server does not know this subcommand of it
redis-not-reading = the server does not mark it as reading only
redis-writes-keys = the server says that it writes its keys
redis-not-writing = the server does not mark it as writing keys
redis-reaches-beyond = it reaches beyond its keys
redis-dangerous = the server calls it dangerous
redis-no-keys = the server names no keys that it writes
redis-one-server = on a cluster it would see the keys of one server only
redis-run-ended = the run has ended

## Docker: what went wrong

error-docker-no-socket = there is no docker socket at { $path }
error-docker-address = cannot reach docker at `{ $host }`: { $reason }
error-docker-not-allowed = this user may not open { $address }
error-docker-unreachable = cannot reach docker at { $address }: { $reason }
error-docker-connect-timeout = docker at { $address } did not answer the connection within { $limit }
error-docker-timeout = docker at { $address } did not answer { $what } within { $limit }
error-docker-disconnected = lost the connection to docker at { $address } on { $what }: { $reason }
error-docker-protocol = { $address } does not answer { $what } as docker does: { $reason }
error-docker-refused = docker refused { $what } with status { $status }: `{ $message }`
error-docker-no-service = no container of this machine belongs to the service `{ $service }`
error-docker-no-service-of-project = no container of the project `{ $project }` belongs to the service `{ $service }`
error-docker-too-many-bytes = docker has more than { $limit } bytes to answer { $what }
error-docker-too-many-containers = docker has more than { $limit } containers to answer { $what }
docker-engine = docker { $version } at { $address }
docker-demo = the demo's own project
docker-version = its version
docker-containers = the list of containers
docker-container = about the container `{ $container }`
docker-log = the log of `{ $container }`
docker-logs = the logs of `{ $service }`
docker-cut-line = it ended in the middle of a line

## Celery: what went wrong

error-celery-broker = cannot ask celery's broker
error-celery-results = cannot read celery's results
error-celery-read-only = celery's broker takes no writes, so workers cannot be asked: `{ $message }`
error-celery-cluster = celery's workers cannot be asked through a Redis cluster, at { $address }

# An error and what it came of, outermost first.
error-because = { $error }: { $cause }

## Routers: what went wrong

error-router-unreachable = router `{ $router }`: cannot connect
error-router-connect-timeout = router `{ $router }`: no connection within { $limit }
error-router-login-timeout = router `{ $router }`: connected, but no answer to the login within { $limit }; the usual
    cause is that the `address` list of /ip/service does not allow this host
error-router-login-cut = router `{ $router }`: connected, but the connection was closed before the login was answered;
    the usual cause is that the `address` list of /ip/service does not allow this host, or too many sessions
error-router-login = router `{ $router }`: cannot log in as `{ $user }`: { $traps }; either the name or the password
    is wrong, or the user's group lacks the policy `api`
error-router-login-ended = router `{ $router }`: cannot log in as `{ $user }`: the router ended the connection with
    `{ $message }`
error-router-challenge = router `{ $router }`: cannot log in as `{ $user }`: the router asks for the challenge login
    of RouterOS before 6.43, which is not allowed
error-router-foreign = router `{ $router }`: this is not the API of a RouterOS router
error-router-speaks-tls = router `{ $router }`: this port speaks TLS, and was spoken to without it
error-router-refused = router `{ $router }`: `{ $command }` was refused: { $traps }
error-router-timeout = router `{ $router }`: `{ $command }` did not end within { $limit }, although the router still
    sent something
error-router-timeout-silent = router `{ $router }`: `{ $command }` did not end within { $limit }, and the router was
    silent for the last { $silent } of it
error-router-silent = router `{ $router }`: the router was silent for { $limit } during `{ $command }`
error-router-lost = router `{ $router }`: the connection was lost during `{ $command }`
error-router-answer = router `{ $router }`: `{ $command }` was answered with { $what }
error-router-command = router `{ $router }`: the command cannot be sent
error-router-slow-consumer = router `{ $router }`: the rows of `{ $command }` were not taken fast enough: { $bytes }
    bytes were waiting while other commands ran
error-router-memory = router `{ $router }`: no memory is left for the answer to `{ $command }`: all answers together may
    take { $bytes } bytes
router-rows-before = { $rows ->
        [one] before that came { $rows } row that is not all
       *[other] before that came { $rows } rows that are not all
    }
router-refused-before = before that it refused: { $traps }
router-sent = it sent `{ $sent }`
router-closed-here = the connection was closed by this side
router-closed = the router closed the connection
router-cut = the connection was cut in the middle of a sentence
router-ended = the router ended the session with `{ $message }`
router-broke = the connection broke
router-broke-protocol = the router broke the protocol

error-router-ca-file = router `{ $router }`: cannot read certificates from `{ $path }`: { $reason }
error-router-server-name = router `{ $router }`: `{ $name }` cannot be the name of a TLS server
error-router-tls-timeout = router `{ $router }`: connected, but no TLS handshake within { $limit }; the usual cause is
    that the `address` list of /ip/service does not allow this host, or the peer does not speak TLS
error-router-tls-cut = router `{ $router }`: connected, but the connection was closed before the TLS handshake; the
    usual cause is that the `address` list of /ip/service does not allow this host, or the peer does not speak TLS
error-router-not-tls = router `{ $router }`: the peer does not speak TLS, it answers `{ $sent }`
error-router-speaks-plain = router `{ $router }`: this port speaks the API without TLS
error-router-anonymous = router `{ $router }`: the router's service api-ssl has no certificate: it offers anonymous
    Diffie-Hellman only, which protects from nobody and is not supported
error-router-dhe = router `{ $router }`: the router has a certificate, but offers only DHE to agree on keys, as
    RouterOS 6 does; ECDHE alone is supported
error-router-rsa = router `{ $router }`: the router has a certificate, but offers only its RSA key to agree on keys, as
    old RouterOS does; ECDHE alone is supported
error-router-handshake = router `{ $router }`: the TLS handshake failed; a router whose service api-ssl has no
    certificate offers anonymous Diffie-Hellman only, which protects from nobody and is not supported
error-router-untrusted = router `{ $router }`: the certificate of the router is not trusted; its SHA-256 fingerprint is
    { $fingerprint }
error-router-pin = router `{ $router }`: the router shows another certificate than the pinned one: expected
    { $expected }, seen { $seen }

hint-router-unreachable = check address and port, and that the service api (8728) or api-ssl (8729) is enabled in
    /ip/service
hint-router-address = on the router: /ip/service print, and add the address of this host to the service's `address`
hint-router-login = check name and password; on the router: /user group print, the group needs the policies api and
    read
hint-router-policies = on the router: /user group print, the group needs the policy read to look, and write to change
hint-router-challenge = allow the challenge login for this router, or upgrade it
hint-router-foreign = check the port: 8728 is the API, 8729 the API with TLS
hint-router-speaks-tls = 8729 is the API with TLS, 8728 the one without: use TLS for this router, or the other port;
    change the password if the way to the router is not trusted, for it went out in clear
hint-router-slow = see whether the router still answers others; one that needs longer wants more time
hint-router-narrow = ask for fewer rows or fields, or allow more time
hint-router-silent = see whether the router still answers others; one that thinks for long before its first row needs a
    longer silence
hint-router-memory = ask for fewer rows or fields, let go of earlier answers, or take rows as they come
hint-router-lost = run it again; if it ends there again, /log print on the router says why it ended the session
hint-router-key-exchange = upgrade the router to RouterOS 7, which offers ECDHE; or speak to its service api, without
    TLS, over a network that you trust
hint-router-speaks-plain = 8728 is the API without TLS, 8729 the one with it: use the other port, or no TLS; on the
    router: /ip/service print
hint-router-certificate = on the router: /certificate add name=api common-name=router, /certificate sign api, /ip/service
    set api-ssl certificate=api
hint-router-tls-port = check the port: 8729 is the API with TLS, 8728 the one without; on the router: /ip/service print
hint-router-untrusted = compare the fingerprint on the router with /certificate print detail, and pin it
hint-router-pin = if the certificate was renewed on purpose, compare with /certificate print detail and pin the new one;
    if not, somebody is in between

## What is typed and cannot be done

usage-no-runbook = no runbook is named
usage-no-runbook-hint = see `tikbook list`
usage-unknown-name = `{ $name }` is neither a command nor a runbook
usage-unknown-name-hint = `tikbook --help` lists both; scripts that are no runbooks are run by `tikbook run PATH`
usage-two-runbooks = -e stands in place of a runbook
usage-name-not-text = the runbook's name is not text
usage-for-runbooks = { $flag } is for runbooks: an expression may only read
usage-for-runbooks-hint = `tikbook new NAME` writes a runbook to begin with; its header says what it writes
usage-stdin-unread = cannot read the script on standard input
usage-stdin-long = the script on standard input is too long
usage-for-reports = this format is for reports, and for rows of `run -e`
usage-for-reports-hint = --format text and json are for other commands
usage-no-json = what this command says has no JSON form
usage-no-json-hint = leave out --json, or --format
usage-short = --short is for reports
usage-scripts-no-folder = --scripts: `{ $folder }` is not a folder
usage-folder-unread = cannot read the folder { $folder }
usage-file-unwritten = cannot write { $file }
usage-of-flag = { $flag }: { $why }
usage-near = did you mean `{ $name }`?
usage-unknown-runbook = there is no runbook `{ $name }`
usage-runbooks = runbooks are { $names }
usage-unknown-script = there is no script `{ $path }`
usage-file-unread = cannot read `{ $file }`
usage-several-tables = the report has several tables, and { $format } takes one
usage-several-tables-hint = name one by --table: its tables are { $names }
usage-one-table = { $format } takes one table, and what is changed is not to be lost for it
usage-one-table-hint = name it by --table, for instance --table Changes, or take another format
usage-unknown-table = the report has no table `{ $name }`
usage-tables = its tables are { $names }
usage-name-taken = { $file } is there already
usage-name-taken-hint = choose another name
usage-bad-name = `{ $name }` is no name for a runbook
usage-bad-name-hint = a name has letters, digits, - and _, such as lost-comments
usage-no-tests = there are no tests here
usage-no-tests-hint = a test is a function test_…() of a script; see `tikbook new NAME`
usage-unknown-schema = there is no schema `{ $name }`
usage-schemas = there are { $names }
usage-unknown-primitive = there is no primitive or namespace `{ $name }`
usage-all-primitives = `tikbook doc` lists all of them
usage-state-unusable = cannot use the router state `{ $file }`
usage-state-unwritten = cannot write the router state `{ $file }`
usage-tls-two-files = --tls wants a certificate and its key
usage-tls-unusable = cannot use `{ $file }` for --tls
usage-tls-unusable-hint = both files are PEM: CERTIFICATE in the first, PRIVATE KEY in the second
usage-cannot-listen = cannot listen on { $address }
usage-cannot-listen-hint = choose another address with --listen; port 0 takes a free one
usage-demo-damaged = the demo's router is damaged
usage-no-run = { $script } has no function run(args)
usage-no-run-hint = a runbook's work is done by fn run(args) {"{"} … {"}"}, which returns its report
usage-reserved-name = the parameter `{ $name }` has the name of a flag of every command
usage-reserved-name-hint = give the parameter another name

failure-no-runtime = cannot start the runtime
failure-no-memory = this run needed more memory than the { $limit } MiB that it may hold
failure-no-memory-hint = ask for less at once: a narrower query, smaller pieces, fewer lines of a log
failure-no-thread = cannot start the command's thread
failure-no-output = cannot write the output
failure-tests-stopped = the tests were stopped
failure-session-stopped = the session was stopped
failure-no-terminal = cannot use the terminal

## What commands list, and say of work that was done

list-broken = does not compile; see `tikbook check`
list-header = { $problem }; see `tikbook check`
list-named = `tikbook RUNBOOK` is `tikbook run RUNBOOK`
list-from = { $source }, in place of { $others }
sites-default = { $site } (default)
sites-unusable = cannot be used: { $why }
doc-more = `tikbook doc NAME` explains a namespace or a primitive.
progress-waiting = waiting for { $what } … { $elapsed }
column-does = what it does
column-example = example
column-from = from
column-site = site
column-routers = routers
column-configured = configured

config-trusted = trusted as it is now: { $file }
config-trusted-no-more = trusted no more: { $file }
config-trust-nothing = name the file to trust, or give --list

done-wrote = wrote { $file }
done-next = next: { $command }
done-listening = listening on { $address }
done-checked = { $scripts ->
        [one] { $scripts } script checked, { $problems ->
            [one] { $problems } problem
           *[other] { $problems } problems
        }
       *[other] { $scripts } scripts checked, { $problems ->
            [one] { $problems } problem
           *[other] { $problems } problems
        }
    }
done-tested = { $tests ->
        [one] { $tests } test, { $failed } failed, { $took }
       *[other] { $tests } tests, { $failed } failed, { $took }
    }

## What a parameter of a runbook takes, where something else is given

argument-phone = { $flag } takes a phone number, not `{ $given }`
argument-ip = { $flag } takes an IP address, not `{ $given }`
argument-mac = { $flag } takes a MAC address, not `{ $given }`
argument-int = { $flag } takes a whole number, not `{ $given }`
argument-float = { $flag } takes a number, not `{ $given }`
argument-duration = { $flag } takes a length of time; { $problem }
length-no-unit = `{ $number }` has no unit: write { $number }s, { $number }m, { $number }h or { $number }d
length-not-understood = `{ $text }` is not a length of time: write for instance 90s, 1m30s, 1.5h or 2d
length-out-of-bounds = `{ $text }` is not between { $least } and { $most }
argument-too-long = { $flag } takes a shorter time than { $given }
argument-least = { $flag } takes { $least } or more, not { $given }
argument-most = { $flag } takes { $most } or less, not { $given }
argument-file-many = { $flag } is given more than { $most } times
argument-file-unreadable = { $flag } names `{ $path }`, which cannot be read: { $reason }
argument-file-none = { $flag } names `{ $path }`, which is no file

## What a parameter of a runbook takes, in its help

parameter-from = from { $least }
parameter-to = to { $most }
parameter-default = default { $value }
parameter-several = may be given several times

## The session at the prompt

repl-greeting = tikbook { $version }, site { $site }. :help shows what there is, Ctrl-D leaves.
repl-prompt = { $changes ->
        [one] { $site }, { $changes } change planned>
       *[other] { $site }, { $changes } changes planned>
    }
repl-usage = usage: { $usage }
repl-nothing-follows = nothing follows :{ $name }: enter it alone
repl-unknown = there is no :{ $name }; :help lists what there is
repl-unknown-near = there is no :{ $name }; did you mean :{ $near }?
repl-nothing-known = nothing is known about `{ $name }`
repl-no-value = there is no value yet
repl-unread = error: cannot read { $file }: { $why }
repl-unwritten = error: cannot write { $file }: { $why }
repl-sites = site { $site }; there are { $sites }
repl-site = site { $site }; variables keep what was read before
repl-saved-runbook = saved; run it with { $command }
repl-saved-in-part = { $lines ->
        [one] saved; { $lines } line is left out, as it belongs to what was dropped; run it with { $command }
       *[other] saved; { $lines } lines are left out, as they belong to what was dropped; run it with { $command }
    }
repl-saved-transcript = saved as { $file }
repl-more = … { $lines } more lines; :more shows them
repl-no-more = there is nothing more
repl-rows = { $rows ->
        [one] { $rows } row
       *[other] { $rows } rows
    }
repl-values = { $values ->
        [one] { $values } value
       *[other] { $values } values
    }
repl-clock = times are those of { $zone }
repl-first-rows = the first { $rows } are shown: narrow them with where, take or filter
repl-other-fields = other fields: { $fields }
repl-open-quote = a quotation mark is not closed
repl-command-line = --{ $flag } is a flag of the command line, not of { $runbook }
repl-instead-apply = :apply makes the changes that a run planned
repl-instead-plan = :plan FILE saves the changes that a run planned
repl-instead-site = :site NAME goes to another site
repl-instead-leave = leave the session to use it
repl-no-form = a value of type `{ $kind }` has no form to be shown
repl-no-form-hint = call it, or one of its methods: what that gives can be shown
repl-takes-rows = this format takes rows, or an array of maps
repl-takes-rows-hint = --format json, or ndjson, takes any value

repl-help-expression = Anything else is evaluated: { $example }
repl-help-values = _ is the last value, _1 the one before it, up to _9; NAME? explains NAME.
repl-help-namespaces = Namespaces: { $names }
repl-help-apply = make the changes that were planned
repl-help-clear = forget the changes that were planned
repl-help-doc = explain a namespace or a primitive; NAME? does the same
repl-help-drop = forget one change that was planned, by its number in :plan, with those of its row
repl-help-help = show this
repl-help-json = show the last value, or that of an expression, in JSON
repl-help-load = evaluate the lines of a file here
repl-help-more = show the next part of a long result
repl-help-plan = show the changes that were planned, or save them for `tikbook apply FILE`
repl-help-quit = leave; Ctrl-D does the same
repl-help-run = run a runbook and show its report
repl-help-save = save the session as a runbook
repl-help-site = go to another site, or say which there are
repl-help-table = show the last value, or that of an expression, as a table
repl-help-time = evaluate, and say how long it took
repl-help-transcript = save what was entered and shown, in Markdown
repl-help-undo = take back the last run that changed the site
repl-help-vars = list the variables

## What to do about changes that were refused, or could not be begun

hint-change-undeclared = name it in the header: const RUNBOOK = #{"{"} …, writes: ["{ $target }"] {"}"}
hint-change-id = ids look like *1F; they are in the field .id of a row
hint-change-too-much = look at the plan, and if it is right allow it with --max-changes { $wanted }
hint-change-locked = wait until it has ended, with --lock-wait; `tikbook history` shows it
hint-change-lock = see whose file `{ $path }` is, and who may write it: all who run tikbook on this machine must
hint-change-portal-busy = run it again when the sync has ended, which takes some minutes at most, or wait for it with
    --lock-wait; a lock that a killed sync left behind is found by `tikbook run diagnose-sync`
hint-change-newer-journal = undo it with the tikbook that made it, or a newer one
hint-change-at-work = wait until it has ended, or stop it with Ctrl-C
hint-change-stage = run it without --yes, which asks, or write `stages: { $stage }` in the runbook's header; { $most }
    are the most
hint-change-other-plan = look at it without --apply, write it with --plan FILE, and give that file if it is right
hint-journal-write = make room on the disk, see who may write there, or name another folder: STATE_DIRECTORY (in a unit
    of systemd StateDirectory=tikbook), XDG_STATE_HOME, or HOME
hint-journal-read = see who may read it; STATE_DIRECTORY, XDG_STATE_HOME or HOME name another folder
hint-plan-again = make a new one: { $command }
hint-plan-half = see why the second one is not made, or run the runbook with --apply instead
hint-plan-newer = apply it with the tikbook that made it, or a newer one, or make a new plan
hint-plan-early = see the clocks of this machine and of the one that made it
hint-plan-other-site = name the site it was made for with --site
hint-plan-none = plans are written by { $command }
hint-plan-exists = name a file that is not there yet, or remove that one first
hint-plan-no-folder = make the folder, or name a file in one that is there
hint-plan-foreign = look at it without --apply; if you know who made it, apply it with --foreign, or make a new
    one: { $command }
hint-plan-seal = see who may write to $XDG_STATE_HOME/tikbook

hint-selection-key = name an address, a MAC, field=value, a key of Redis or a table
hint-selection-nothing = nothing is planned
hint-selection-near = did you mean { $keys }?
hint-selection-known = planned is, among others, { $keys }

## Changes

change-status = { $status ->
        [planned] planned
        [applied] applied
        [conflict] conflict
        [failed] failed
        [unknown] unknown
        [skipped] skipped
       *[protected] protected
    }
change-done = { $action ->
        [add] add { $target }
        [set] set { $target }
        [remove] remove { $target }
        [move] move { $target }
        [command] command { $target }
        [execute] execute { $target }
        [request] request { $target }
       *[run] run { $target }
    }
change-of = { $done } { $what }
change-field = { $field }: { $before } → { $after }
change-place = place: { $place }
change-new-place = place: { $before } → { $after }
change-restore = { $bytes ->
        [one] RESTORE { $key } { $left } (a value of { $bytes } byte) { $options }
       *[other] RESTORE { $key } { $left } (a value of { $bytes } bytes) { $options }
    }
change-delete-if-equals = delete { $key } if it holds { $value }
place-last = last
place-before = before { $row }
value-absent = (absent)
difference-of-field = { $field }: { $expected } is now { $found }
difference-of-place = place: { $expected } is now { $found }
difference-shown-value = the value that was shown
difference-plans-value = the value that the plan was made with
difference-another-value = another value
difference-no-value = no value
outcome-not-sent = not sent: { $why }
outcome-left-out = left out
outcome-earlier-of-row = an earlier change of the same row was not made
outcome-earlier-of-group = an earlier change of its group was not made
outcome-stopped = the run was stopped
outcome-no-answer = the router did not answer
outcome-not-permitted = it was not permitted
outcome-row-there = the row is there already
outcome-row-added-earlier = an earlier change adds the row
outcome-row-other = there is another row in its place
outcome-row-other-earlier = an earlier change adds another row in its place
outcome-row-like = there is a row like it, and nobody can say whether it is this one
outcome-row-gone = the row is gone
outcome-row-of-id = another row has its id, and the row itself is not there
outcome-row-changed = the row changed meanwhile
outcome-row-so = the row is so already
outcome-place-so = the row is at its place already
outcome-row-removed-earlier = an earlier change removes the row
outcome-row-gone-already = the row is gone already
outcome-rows-like = { $rows ->
        [one] a row is like it, and nobody can say whether it is this one
       *[other] { $rows } rows are like it, and nobody can say which one it is
    }
outcome-place-gone = the row that it is to come before is gone
outcome-key-added-earlier = an earlier change adds a row with its new key: { $row }
outcome-key-other = another row has its new key: { $row }
outcome-several-rows = { $rows } rows have its key: which one is meant?
outcome-row-permanent = it is permanent, and stays so: with `shorten: true` it is made to end
outcome-not-needed = no longer needed: it is not planned again
outcome-not-as-shown = it is not what was shown any more
outcome-new = new since the plan was shown: run it again
outcome-rows-later = how many rows is known when it is applied, those of cascades and triggers among them
outcome-other-of-row = another change of the same row cannot be made: { $change }
outcome-other-of-group = another change of its group cannot be made: { $change }
outcome-place-not-known = its place is not known: it comes back as the last row
outcome-place-not-sure = its place is not sure: rows that are all the same followed it, and the router has started anew
outcome-place-last = no row that followed it is there: it comes back as the last row
outcome-key-changed = the key changed meanwhile
outcome-key-gone = the key is gone already
outcome-key-absent = the key is not there
outcome-key-other-value = the key has another value now
outcome-unsure-moved = no answer came, and the row is neither where it was nor where it was to be
outcome-unsure-set = no answer came, and the row is neither as it was nor as it was to be
outcome-unsure = no answer came
outcome-unsure-several = no answer came, and several rows have its key
outcome-landed = no answer came; read again, it had landed
outcome-not-landed = no answer came; read again, it had not landed
outcome-unread = no answer came, and the row could not be read again: { $why }
outcome-back = it was removed, and is back as { $id }
outcome-nothing-can-tell = no answer came, and nothing can tell: { $why }
outcome-connection-ended = the connection ended with it, as was to be expected: no answer can tell
outcome-with-row = another change of the same row is not made
outcome-with-group = another change of its group is not made
outcome-there-still = the router called it done, and the row is still there
outcome-not-set = the router called it done, and the row did not change
outcome-not-moved = the router called it done, and the row did not move
outcome-no-place = what it is to come before is not there
outcome-gone-when-removed = the row was gone when it was to be removed
outcome-keys-unsure = no answer came, and the keys are as they were
outcome-rolled-back = { $why }; it was rolled back
outcome-nothing-stays = { $why }; nothing of it stays
outcome-taken-out = it was taken out of the plan again
outcome-no-service = there is no service `{ $service }` in this program
outcome-rows = { $rows ->
        [one] { $rows } row
       *[other] { $rows } rows
    }
outcome-rows-others = { $rows ->
        [one] { $rows } row, { $others } of them by cascades and triggers
       *[other] { $rows } rows, { $others } of them by cascades and triggers
    }
outcome-rows-most = { $rows ->
        [one] at most { $rows } row
       *[other] at most { $rows } rows
    }
outcome-rows-most-others = { $rows ->
        [one] at most { $rows } row, perhaps { $others } of them by cascades and triggers
       *[other] at most { $rows } rows, perhaps { $others } of them by cascades and triggers
    }
protected-ip-binding = the comment of an ip-binding names its user (rule ip-binding): it stays, and goes on naming them
protected-token = the row has no token uid= or user=, so it is not the portal's (rule token); if the list is yours to
    change, write { $setting } into the site's table of tikbook.toml
protected-by-site = the site protects `{ $pattern }` (key `protected` of tikbook.toml)
ensure-no-key = rows of { $menu } have no key by which one could be found
ensure-by-key = a row of { $menu } is found by { $fields }
ensure-lacks-field = the row has no `{ $name }`, by which one of { $menu } is found
ensure-no-time = `{ $time }` is not a length of time
unlike-new = new: { $change }
unlike-changed = changed: { $change }; { $differences }
unlike-gone = no longer planned: { $change }

## The account of changes

account-count = { $status ->
        [planned] changes planned
        [applied] changes applied
        [conflict] changes conflict
        [failed] changes failed
        [unknown] changes unknown
        [skipped] changes skipped
        [protected] changes protected
       *[other] changes { $status }
    }
account-half-made = The group "{ $group }" is half made, { $made } of its { $all }.
account-half-made-undo = The group "{ $group }" is half made, { $made } of its { $all }: take it back with `{ $undo }`.
account-run = Run { $run }: see it with `{ $see }`.
account-run-undo = Run { $run }: see it with `{ $see }`, undo it with `{ $undo }`.
account-run-left = Run { $run }: see it with `{ $see }`; { $left }.
account-run-undo-left = Run { $run }: see it with `{ $see }`, undo it with `{ $undo }`; { $left }.
account-lasting = { $left }.
account-changed = What the run changed
changes = { $is_cut ->
        [yes] Changes (the first { $shown } of { $count })
       *[no] Changes
    }

# The heads of columns, of this table and of those of history and of the session at the prompt.
column-status = status
column-stage = stage
column-what = what
column-whose = whose
column-row = row
column-why = why
column-number = number
column-run = run
column-started = started
column-state = state
column-runbook = runbook
column-by = by
column-changes = changes

lasting-statements = { $statements ->
        [one] { $statements } statement of the database cannot be undone
       *[other] { $statements } statements of the database cannot be undone
    }
lasting-commands = { $commands ->
        [one] { $commands } command of the router cannot be undone
       *[other] { $commands } commands of the router cannot be undone
    }
lasting-both = { $statements ->
        [one] { $commands ->
            [one] { $statements } statement of the database and { $commands } command of the router cannot be undone
           *[other] { $statements } statement of the database and { $commands } commands of the router cannot be undone
        }
       *[other] { $commands ->
            [one] { $statements } statements of the database and { $commands } command of the router cannot be undone
           *[other] { $statements } statements of the database and { $commands } commands of the router cannot be undone
        }
    }
lasting-all-statements = changes of the database cannot be undone
lasting-all-commands = commands of the router cannot be undone
lasting-all-both = changes of the database and commands of the router cannot be undone

## What a run that ended says of its changes

verdict-refused = { $changes ->
        [one] { $changes } change was refused
       *[other] { $changes } changes were refused
    }
verdict-refused-rows = { $changes ->
        [one] { $changes } change was refused, as its row is protected
       *[other] { $changes } changes were refused, as their rows are protected
    }
verdict-would-refuse = { $changes ->
        [one] { $changes } change would be refused
       *[other] { $changes } changes would be refused
    }
verdict-would-refuse-rows = { $changes ->
        [one] { $changes } change would be refused, as its row is protected
       *[other] { $changes } changes would be refused, as their rows are protected
    }
verdict-in-part = { $count ->
        [one] { $changes ->
            [one] { $count } of { $changes } change was not made as planned
           *[other] { $count } of { $changes } changes was not made as planned
        }
       *[other] { $changes ->
            [one] { $count } of { $changes } change were not made as planned
           *[other] { $count } of { $changes } changes were not made as planned
        }
    }
verdict-could-not = { $changes ->
        [one] { $count } of { $changes } change could not be made
       *[other] { $count } of { $changes } changes could not be made
    }
verdict-guarded-hint = mikrotik::guarded(menu, rows) says which they are, so that a runbook can leave them
verdict-reasons-hint = the reasons stand beside each change
verdict-undo-hint = the reasons stand beside each change; what was made can be undone

repl-refused = { $changes ->
        [one] { $changes } change refused; the reasons stand beside each.
       *[other] { $changes } changes refused; the reasons stand beside each.
    }
repl-refused-rows = { $changes ->
        [one] { $changes } change refused, as its row is protected.
       *[other] { $changes } changes refused, as their rows are protected.
    }
repl-in-part = { $changes ->
        [one] { $count } of { $changes } change not made as planned; the reasons stand beside each.
       *[other] { $count } of { $changes } changes not made as planned; the reasons stand beside each.
    }

repl-nothing-planned = no changes are planned
repl-nothing-done = nothing of this was done; :apply does it, :plan FILE saves it for `tikbook apply FILE`
repl-saved = { $changes ->
        [one] saved { $changes } planned change; make it with `{ $command }`
       *[other] saved { $changes } planned changes; make them with `{ $command }`
    }
repl-forgot = { $changes ->
        [one] forgot { $changes } planned change
       *[other] forgot { $changes } planned changes
    }
repl-drop-usage = usage: :drop N, with the number that :plan shows beside the change
repl-apply-usage = usage: :apply [--max-changes N] [--lock-wait TIME]
repl-max-changes = --max-changes takes a whole number
repl-lock-wait = --lock-wait: { $why }
repl-error = error: { $error }
repl-help = { "  " }help: { $help }
repl-undo-of = Run { $run } of { $runbook }, by { $operator }:
repl-damaged = error: its journal is damaged, { $damage }
repl-left = not undone: { $left }
repl-nothing-to-undo = there is nothing to undo
repl-nothing-changed = nothing was changed: { $why }
repl-changes = the changes of this session
repl-no-terminal = nothing can be changed from here, as there is no terminal to ask on
repl-no-terminal-hint = save the changes with :plan FILE, and make them with `tikbook apply FILE --apply --yes`
journal-no-folder = there is no folder for the journal of the changes
journal-no-folder-hint = name one that you may write to: STATE_DIRECTORY (in a unit of systemd StateDirectory=tikbook),
    XDG_STATE_HOME, or HOME
journal-of-caller = the folder `{ $folder }` for the journal of the changes belongs to { $owner }, who called sudo

step-plan = { $changes ->
        [one] { $changes } change in the plan { $plan }, good until { $until }: `{ $command }` makes it, once.
       *[other] { $changes } changes in the plan { $plan }, good until { $until }: `{ $command }` makes them, once.
    }
step-apply = { $changes ->
        [one] Make this change with --apply.
       *[other] Make these changes with --apply.
    }
step-apply-most = { $changes ->
        [one] Make this change with --apply --max-changes { $most }.
       *[other] Make these changes with --apply --max-changes { $most }.
    }
# What stands before the lines of an error.
failure-error = error:
failure-because = because:
failure-in = in:
failure-help = help:
failure-place = in { $place }
failure-called-from = called from { $place }
# Below a line of a script.
failure-here = here
failure-undo = what it changed before is undone by `{ $undo }`
failure-nothing-sent = nothing was sent: the site is as it was
run-second-stage = What is planned next is known when this was made: a second stage may follow.

## Undoing a run, and applying a plan

undo-title = Undo of run { $run } of { $runbook }
undo-damaged = Damaged: { $damage }.
undo-not-said = What a damaged journal does not say is not undone.
undo-nothing = There is nothing to undo.
undo-left-change = { $change }: { $why }
undo-not-of-command = commands of the router are not undone
undo-not-of-statement = changes of the database are not undone
undo-time-is-over = its time would have run out by now
undo-left-unknown = the journal does not say how the command left it
undo-place-unknown = the place that it had is not known
undo-of-removed = it was removed
    .because = it was removed: { $why }
undo-of-set = it was set
    .because = it was set: { $why }
undo-of-moved = it was moved
    .because = it was moved: { $why }
undo-of-added = it was added
    .because = it was added: { $why }
undo-of-written = it was written
    .because = it was written: { $why }
undo-of-request = it was asked for
    .because = it was asked for: { $why }
undo-no-run = no run has changed this site yet
undo-all-undone = every run that changed this site was undone
undo-left = Not undone: { $left }.
apply-title = The plan of { $created } by { $runbook }
apply-nothing-changed = Nothing was changed: this is what would be done now.
apply-rows-alone = What made the plan is not here as it was: its rows alone are checked.
apply-foreign = The plan was not made here: to apply it --foreign is needed.

## History

history-title = Runs that changed the site
history-nothing = No run has changed this site yet.
history-listed = { $runs ->
        [one] { $listed } of { $runs } run are listed; --limit { $runs } lists all of them.
       *[other] { $listed } of { $runs } runs are listed; --limit { $runs } lists all of them.
    }
runs = Runs, unfinished ones first
history-state = { $state ->
        [running] running
        [undone] undone
        [continued] continued
        [changed-nothing] changed nothing
        [finished] finished
        [partial] partial
        [damaged] damaged
        [newer] newer
       *[unfinished] unfinished
    }
history-made = { $made } of { $changes }
history-made-trouble = { $made } of { $changes }, trouble with { $trouble }
history-of-site = { $runbook } (site { $site })
history-lost = (lost)
history-cut-off = the run was cut off before this was known; undo reads the row again
history-run = Run { $run } of { $runbook }: { $state }
history-begun = Begun { $time } by { $operator }.
history-begun-script = Begun { $time } by { $operator }, script { $script }.
history-undone = Undone by the run { $undo }.
history-continued = What it left was undone by the run { $undo }.
history-empty-name = an empty text names no run
history-name-hint = write the run's id, the beginning of one, or `last`; `{ $command }` lists them
history-several = several runs begin with `{ $name }`
history-unknown = there is no run `{ $name }`
history-hint = `{ $command }` lists them
history-damaged = journals cannot be read whole
history-damaged-hint = what could be read is shown, and undone by `{ $command }`

damage-of-journal = { $path }, { $damage }
damage-of-line = line { $line }: { $damage }
damage-newer = a newer tikbook wrote it, in the format `{ $format }`
damage-unreadable = the file cannot be read: { $why }
damage-no-file = the file cannot be read: it is no file
damage-run-lost = which run it was, and on which routers, is lost
damage-garbled = it is not as it was written
damage-repeated = it stands there a second time
damage-misplaced = it is not in its place
damage-lines-missing = lines missing: { $lines }
damage-changes-lost = changes lost: { $changes }
damage-outcomes-lost = outcomes lost: { $outcomes }
damage-more = … and { $count } more
