# Sourced by test: runs tests and adds up what passed and what failed.

passed=0
failed=0

# What ctest says, without its passing tests but for every hundredth, and without its frame.
show_failures() {
  local line passing=0
  while IFS= read -r line; do
    if [[ $line =~ ^\ *([0-9]+/[0-9]+)\ Test\ +#[0-9]+:\ .*\ Passed\  ]]; then
      if ((++passing % 100 == 0)); then echo "      ${BASH_REMATCH[1]} ..."; fi
    elif ! [[ $line =~ ^(\ *Start\ +[0-9]+:\ |Test\ project|Total\ Test|Internal\ ctest|Label\ Time|decoder\ |Errors\ while|Output\ from\ these|Use\ \"--rerun|\ *$) ]]; then
      printf '%s\n' "$line"
    fi
  done
}

# run_ctest PRESET [ctest's options]
run_ctest() {
  local preset=$1 log="build/ctest-$1.log" summary wrong all
  shift
  ctest --test-dir "build/$preset" -j2 --timeout 600 --output-on-failure "$@" 2>&1 </dev/null |
    tee "$log" | show_failures || true
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

# run_programs FOLDER: each test/FOLDER/*.mjs is a program; what it prints is shown if it fails. One that ends with a
# line "N passed, N failed" counts for as many tests, another for one.
run_programs() {
  local program log sum ended
  for program in "test/$1"/*.mjs; do
    [ -f "$program" ] || continue
    log="build/$1-$(basename "$program" .mjs).log"
    ended=0
    SONDE="$root/build/release/appliance/sonde" SONDE_PICTURES="$root/build/pictures" \
      timeout --kill-after=10 1200 node "$program" >"$log" 2>&1 </dev/null || ended=$?
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
