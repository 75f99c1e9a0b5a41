# What tikbook itself says, in Indonesian: so far the answers that it understands. Everything else is said in
# English.

answer-yes = y, ya
answer-no = n, tidak
