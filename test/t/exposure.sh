# The sweep over a hundred thousand random patients against plain SQL, day by day.
. "${0%/*}/../lib/tap.sh"

days=$(dirname -- "$0")/exposure_days.sql

is 'a hundred thousand patients, doses added up' \
	"$(sql -v patients=100000 -v rules="'{sum}'" -f "$days")" 'sum|t|0|0|0|0|0|0
0'
is 'ten thousand patients under every overlap rule' \
	"$(sql -v patients=10000 -v rules="'{sum,shift,latest}'" -f "$days")" 'latest|t|0|0|0|0|0|0
shift|t|0|0|0|0|0|0
sum|t|0|0|0|0|0|0
0'
finish
