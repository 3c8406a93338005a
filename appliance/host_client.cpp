#include "appliance/host_client.h"

#include <Poco/Net/NetException.h>
#include <Poco/Net/SocketAddress.h>
#include <Poco/Net/StreamSocket.h>

#include <array>
#include <filesystem>

#include "appliance/host_places.h"
#include "core/base/error.h"

namespace sonde {
namespace {

namespace net = Poco::Net;

constexpr std::size_t kMostAnswer = 4 << 20;

std::string exchange(const std::string& request, Duration limit) {
  try {
    net::StreamSocket socket(net::SocketAddress(net::AddressFamily::UNIX_LOCAL, host::kSocket));
    socket.setReceiveTimeout(Poco::Timespan(std::chrono::duration_cast<std::chrono::microseconds>(limit).count()));
    socket.sendBytes(request.data(), static_cast<int>(request.size()));
    socket.shutdownSend();
    std::string answer;
    std::array<char, 4096> block{};
    for (int n = 0; (n = socket.receiveBytes(block.data(), block.size())) > 0;) {
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

Json ask_host(const std::string& word, const std::string& arguments, Duration limit) {
  JsonWriter out;
  out.begin_object().field("word", word).key("arguments").raw(arguments).end_object();
  JsonParsed answer = parse_json(exchange(out.text(), limit));
  if (!answer.value) throw Error("The root helper's answer cannot be read: " + answer.sentence);
  const Json* refused = answer.value->find("refused");
  if (refused) throw Error(refused->text);
  return std::move(*answer.value);
}

}  // namespace sonde
