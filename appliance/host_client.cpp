#include "appliance/host_client.h"

#include <Poco/Net/NetException.h>
#include <Poco/Net/SocketAddress.h>
#include <Poco/Net/StreamSocket.h>

#include <array>
#include <chrono>
#include <filesystem>

#include "appliance/host_places.h"
#include "core/base/error.h"

namespace sonde {
namespace {

namespace net = Poco::Net;

constexpr std::size_t kMostAnswer = 4 << 20;
const Poco::Timespan kConnect(5, 0);

/// Waits in short pieces, so that a node that is to end need not wait for what formats a drive.
void await_octets(net::StreamSocket& socket, std::chrono::steady_clock::time_point until, const std::stop_token& stop) {
  static const Poco::Timespan kPiece(0, 200'000);
  while (!socket.poll(kPiece, net::Socket::SELECT_READ)) {
    if (stop.stop_requested()) throw Error("The node ends before the root helper answered.");
    if (std::chrono::steady_clock::now() > until) throw Poco::TimeoutException("no answer in time");
  }
}

std::string exchange(const std::string& request, Duration limit, const std::stop_token& stop) {
  const auto until = std::chrono::steady_clock::now() + limit;
  try {
    net::StreamSocket socket;
    socket.connect(net::SocketAddress(net::AddressFamily::UNIX_LOCAL, host::kSocket), kConnect);
    socket.sendBytes(request.data(), static_cast<int>(request.size()));
    socket.shutdownSend();
    std::string answer;
    std::array<char, 4096> block{};
    for (;;) {
      await_octets(socket, until, stop);
      const int n = socket.receiveBytes(block.data(), block.size());
      if (n <= 0) break;
      answer.append(block.data(), static_cast<std::size_t>(n));
      if (answer.size() > kMostAnswer) throw Error("The root helper says too much.");
    }
    return answer;
  } catch (const Poco::Exception& error) {
    throw Error("The appliance's root helper does not answer (" + error.displayText() +
                "). It starts by itself within seconds; try again.");
  }
}

}  // namespace

bool has_host_helper() { return std::filesystem::exists(host::kSocket); }

Json ask_host(const std::string& word, const std::string& arguments, Duration limit, const std::stop_token& stop) {
  JsonWriter out;
  out.begin_object().field("word", word).key("arguments").raw(arguments).end_object();
  JsonParsed answer = parse_json(exchange(out.text(), limit, stop));
  if (!answer.value) throw Error("The root helper's answer cannot be read: " + answer.sentence);
  const Json* refused = answer.value->find("refused");
  if (refused) throw Error(refused->text);
  return std::move(*answer.value);
}

}  // namespace sonde
