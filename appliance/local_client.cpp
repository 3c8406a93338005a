#include "appliance/local_client.h"

#include <Poco/Net/HTTPClientSession.h>
#include <Poco/Net/HTTPRequest.h>
#include <Poco/Net/HTTPResponse.h>
#include <Poco/Net/NetException.h>
#include <Poco/Net/SocketAddress.h>
#include <Poco/Net/StreamSocket.h>
#include <Poco/StreamCopier.h>

#include "core/base/error.h"

namespace sonde {
namespace {

namespace net = Poco::Net;

constexpr std::size_t kMostAnswer = 64 << 20;

}  // namespace

LocalAnswer ask_node(const std::filesystem::path& data, const std::string& method, const std::string& path,
                     const std::string& json) {
  const std::filesystem::path socket_path = data / "sonde.sock";
  try {
    net::StreamSocket socket(net::SocketAddress(net::AddressFamily::UNIX_LOCAL, socket_path.string()));
    net::HTTPClientSession session(socket);
    session.setTimeout(Poco::Timespan(15, 0));
    net::HTTPRequest request(method, path, net::HTTPMessage::HTTP_1_1);
    request.setHost("localhost");
    if (!json.empty()) request.setContentType("application/json");
    request.setContentLength(static_cast<std::streamsize>(json.size()));
    session.sendRequest(request) << json;
    net::HTTPResponse response;
    std::istream& in = session.receiveResponse(response);
    LocalAnswer answer{response.getStatus(), {}};
    char block[16384];
    while (in.read(block, sizeof block) || in.gcount() > 0) {
      answer.body.append(block, static_cast<std::size_t>(in.gcount()));
      if (answer.body.size() > kMostAnswer)
        throw Error("The node's answer is larger than 64 MiB; ask for less with --limit.");
    }
    return answer;
  } catch (const Poco::Exception& error) {
    throw Error("No node answers at " + socket_path.string() + " (" + error.displayText() +
                "). Start it with: sonde run --data " + data.string() + ", or name its folder with --data DIR.");
  }
}

}  // namespace sonde
