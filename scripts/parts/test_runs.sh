# Sourced by test: runs tests and adds up what passed and what failed.

passed=0
failed=0

# run_ctest PRESET [ctest's options]: prints the output of failing tests and a line for every hundred others.
run_ctest() {
  local preset=$1 log="build/ctest-$1.log" summary wrong all
  shift
  ctest --test-dir "build/$preset" -j2 --timeout 300 --output-on-failure "$@" 2>&1 </dev/null | tee "$log" | awk '
    /^ *Start +[0-9]+: / { next }
    /^ *[0-9]+\/[0-9]+ Test +#[0-9]+: .* Passed / { if (++n % 100 == 0) print "      " $1 " ..."; fflush(); next }
    /^(Test project|Total Test time|Internal ctest|Label Time|decoder +=|Errors while|Output from these|Use "--rerun)/ { next }
    NF { print; fflush() }' || true
  summary=$(grep -E '% tests passed, [0-9]+ tests? failed out of [0-9]+' "$log" || true)
  if [ -z "$summary" ]; then
    echo "No test ran in build/$preset."
    failed=$((failed + 1))
    return
  fi
  wrong=$(sed -E 's/.*passed, ([0-9]+) tests? failed.*/\1/' <<<"$summary")
  all=$(sed -E 's/.*out of ([0-9]+).*/\1/' <<<"$summary")
  failed=$((failed + wrong))
  passed=$((passed + all - wrong))
}

# Each test/browser/*.mjs is a program; what it prints is shown if it fails. One that ends with a line
# "N passed, N failed" counts for as many tests, another for one.
run_browser_tests() {
  local program log sum ended
  for program in test/browser/*.mjs; do
    [ -f "$program" ] || continue
    log="build/browser-$(basename "$program" .mjs).log"
    ended=0
    SONDE="$root/build/release/appliance/sonde" SONDE_PICTURES="$root/build/pictures" \
      timeout --kill-after=10 600 node "$program" >"$log" 2>&1 </dev/null || ended=$?
    sum=$(grep -E '^[0-9]+ passed, [0-9]+ failed$' "$log" | tail -n 1 || true)
    if [ $ended != 0 ]; then
      cat "$log"
      echo "$program ended with $ended"
    fi
    if [ -n "$sum" ]; then
      passed=$((passed + $(cut -d' ' -f1 <<<"$sum")))
      failed=$((failed + $(cut -d' ' -f3 <<<"$sum")))
      if [ $ended != 0 ] && [ "$(cut -d' ' -f3 <<<"$sum")" = 0 ]; then failed=$((failed + 1)); fi
    elif [ $ended = 0 ]; then
      passed=$((passed + 1))
    else
      failed=$((failed + 1))
    fi
  done
  return 0
}

# The last line of a run, and its exit code.
say_sum() {
  echo "This took ${SECONDS} s."
  echo "$passed passed, $failed failed"
  [ $failed = 0 ]
}
