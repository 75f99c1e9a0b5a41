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
prune-no-terminal = journals are to be removed, and there is no terminal to ask on
prune-give-yes = give --yes to remove them without asking

## Pages

page-site = site { $site }, { $time } { $zone }
page-next = What to do next
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
