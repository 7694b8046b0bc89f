# Finds PostgreSQL with its build files and the compiler, and installs what is
# missing where that is allowed (as root, or by sudo without a password).

say()
{
	printf '%s\n' "$*" >&2
}

fail()
{
	say "test/run: $*"
	exit 1
}

as_root()
{
	if [ "$(id -u)" = 0 ]
	then
		"$@"
	else
		sudo -n "$@"
	fi
}

may_install()
{
	command -v apt-get >/dev/null 2>&1 || return 1
	[ "$(id -u)" = 0 ] && return 0
	command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null
}

# Prints the version of a server under /usr/lib/postgresql that has the given file:
# 15 where there is one, otherwise the newest.
server_version_with()
{
	for version in 15 $(ls /usr/lib/postgresql 2>/dev/null | sort -rn)
	do
		if [ -e "/usr/lib/postgresql/$version/$1" ]
		then
			echo "$version"
			return
		fi
	done
}

distribution_version()
{
	if apt-cache show postgresql-15 2>/dev/null | grep -q '^Package'
	then
		echo 15
	else
		apt-cache depends postgresql 2>/dev/null |
			sed -n 's/.*Depends: postgresql-\([0-9][0-9]*\)$/\1/p' | head -n 1
	fi
}

has_libc_headers()
{
	command -v gcc >/dev/null 2>&1 || return 1
	echo '#include <stdio.h>' | gcc -E -x c - >/dev/null 2>&1
}

# Names the packages that are missing; the argument is the server version to install
# where there is none.
missing_packages()
{
	makefile=lib/pgxs/src/makefiles/pgxs.mk
	if [ -z "${PG_CONFIG:-}" ]
	then
		version=$(server_version_with bin/initdb)
		both=$(server_version_with $makefile)
		if [ -n "$both" ] && [ -x "/usr/lib/postgresql/$both/bin/initdb" ]
		then
			version=$both
		fi
		if [ -z "$version" ]
		then
			version=${1:-15}
			echo "postgresql-$version"
		fi
		[ -e "/usr/lib/postgresql/$version/$makefile" ] || echo "postgresql-server-dev-$version"
	fi
	command -v gcc >/dev/null 2>&1 || echo gcc
	command -v make >/dev/null 2>&1 || echo make
	has_libc_headers || echo libc6-dev
}

browser()
{
	command -v chromium || command -v google-chrome
}

# What the test of the dashboard needs besides.
missing_browser()
{
	browser >/dev/null || echo chromium fonts-dejavu-core
	command -v node >/dev/null 2>&1 || echo nodejs
	command -v npm >/dev/null 2>&1 || echo npm
}

# A server package makes a cluster of its own when it is installed, unless told not to.
install_packages()
{
	settings=/etc/postgresql-common/createcluster.conf
	template=/usr/share/postgresql-common/createcluster.conf
	kept=$(mktemp)
	had_settings=false
	if [ -f $settings ]
	then
		had_settings=true
		cat $settings > "$kept"
	fi
	as_root mkdir -p /etc/postgresql-common
	{ cat "$kept"; echo "create_main_cluster = false"; } | as_root tee $settings >/dev/null
	status=0
	as_root env DEBIAN_FRONTEND=noninteractive \
		apt-get -q -y -o Dpkg::Use-Pty=0 install --no-install-recommends "$@" >&2 || status=$?
	if $had_settings
	then
		as_root tee $settings < "$kept" >/dev/null
	elif [ -f $template ]
	then
		as_root cp $template $settings
	else
		as_root rm -f $settings
	fi
	rm -f "$kept"
	return $status
}

# Sets PG_CONFIG and bindir.
find_postgresql()
{
	missing=$(missing_packages)
	if [ -n "$missing" ]
	then
		if ! may_install
		then
			missing=$(echo $missing)
			fail "these packages are missing: $missing
Install them as root, then run this again:
  apt-get install --no-install-recommends $missing"
		fi
		say "installing: $(echo $missing)"
		as_root apt-get -q update >&2 || say "apt-get update failed; going on with the lists there are"
		missing=$(missing_packages "$(distribution_version)")
		install_packages $missing || fail "the packages could not be installed"
	fi
	if [ -z "${PG_CONFIG:-}" ]
	then
		missing=$(missing_packages)
		[ -z "$missing" ] || fail "still missing after the installation: $missing"
		version=$(server_version_with lib/pgxs/src/makefiles/pgxs.mk)
		PG_CONFIG=/usr/lib/postgresql/$version/bin/pg_config
	fi
	export PG_CONFIG
	bindir=$("$PG_CONFIG" --bindir) || fail "$PG_CONFIG does not run"
	[ -f "$("$PG_CONFIG" --pgxs)" ] || fail "$PG_CONFIG has no PGXS: install the server's development files"
	server_major=$("$PG_CONFIG" --version | sed 's/^[^0-9]*\([0-9]*\).*/\1/')
	PATH=$bindir:$PATH
	export PATH
}

# The clang that comes with the server's development files.
server_clang()
{
	sed -n 's/^CLANG *= *//p' "$(dirname "$("$PG_CONFIG" --pgxs)")/../Makefile.global"
}

links_fuzzer()
{
	echo 'int LLVMFuzzerTestOneInput(const char *data, long size) { return !data && size; }' |
		"$1" -fsanitize=fuzzer,address,undefined -x c -o /dev/null - >/dev/null 2>&1
}

# Sets fuzz_cc to a clang with libFuzzer, whose package is installed where that is allowed.
find_fuzzer()
{
	fuzz_cc=$(server_clang)
	command -v "${fuzz_cc:=clang}" >/dev/null 2>&1 || fuzz_cc=clang
	command -v "$fuzz_cc" >/dev/null 2>&1 || return 1
	links_fuzzer "$fuzz_cc" && return 0
	may_install || return 1
	major=$("$fuzz_cc" --version | sed -n 's/.*clang version \([0-9]*\).*/\1/p')
	install_packages "libclang-rt-$major-dev" && links_fuzzer "$fuzz_cc"
}
