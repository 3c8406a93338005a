#include "appliance/console/terminal.h"

#include <catch2/catch.hpp>

using sonde::without_controls;

TEST_CASE("a terminal obeys nothing of what it shows") {
  CHECK(without_controls("Zürich, 3 ms\nBern\n") == "Zürich, 3 ms\nBern\n");
  CHECK(without_controls("a\033[2Jb\rc\td\x7f") == "a?[2Jb?c?d?");
  CHECK(without_controls("a\xc2\x9b"
                         "2Jb") == "a??2Jb");
  CHECK(without_controls("café\xc2\xa0") == "café\xc2\xa0");
  CHECK(without_controls("\xc2") == "\xc2");
}
