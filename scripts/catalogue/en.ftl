# What the bundled runbooks say, in English. The syntax is Fluent's (https://projectfluent.org): a message is a
# whole sentence, its lines are joined by blanks. `finding-KIND` is the title of findings of that kind, with
# `.advice` what to do about them.

## explain: one user

explain-nobody = Nobody is known by the { $kind } { $value }
explain-several = { $count } users are known by the { $kind } { $value }
explain-try-another = Try another phone, part of the name, or the device's MAC.
explain-choose = Choose one by the phone: tikbook explain PHONE
