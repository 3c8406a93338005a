#include "appliance/local_client.h"

#include <Poco/Net/HTTPClientSession.h>
#include <Poco/Net/HTTPRequest.h>
#include <Poco/Net/HTTPResponse.h>
#include <Poco/Net/NetException.h>
#include <Poco/Net/SocketAddress.h>
#include <Poco/Net/StreamSocket.h>

#include <algorithm>
#include <istream>
#include <ostream>
#include <vector>

#include "appliance/host_places.h"
#include "core/base/error.h"

namespace sonde {
namespace {

namespace net = Poco::Net;

constexpr std::size_t kMostAnswer = 64 << 20;
constexpr std::size_t kPiece = 64 << 10;
const Poco::Timespan kPatience(15, 0), kLongPatience(3600, 0);

using Sink = std::function<void(std::span<const char>)>;

/// A request through the socket, with what can go wrong in words.
class Exchange {
 public:
  Exchange(const std::filesystem::path& data, const std::string& method, const std::string& path,
           const Poco::Timespan& patience)
      : data_(data), request_(method, path, net::HTTPMessage::HTTP_1_1), patience_(patience) {
    request_.setHost("localhost");
  }
  net::HTTPRequest& request() { return request_; }

  template <typename Write>
  LocalAnswer run(const Write& write, const Sink& sink) {
    const std::filesystem::path socket_path = data_ / "sonde.sock";
    try {
      net::StreamSocket socket(net::SocketAddress(net::AddressFamily::UNIX_LOCAL, socket_path.string()));
      // The session's own patience is for connections that it makes itself.
      socket.setSendTimeout(patience_);
      socket.setReceiveTimeout(patience_);
      net::HTTPClientSession session(socket);
      write(session.sendRequest(request_));
      net::HTTPResponse response;
      std::istream& in = session.receiveResponse(response);
      LocalAnswer answer{response.getStatus(), {}};
      std::vector<char> block(kPiece);
      while (in.read(block.data(), static_cast<std::streamsize>(block.size())) || in.gcount() > 0)
        take(answer, std::span<const char>(block).first(static_cast<std::size_t>(in.gcount())), sink);
      return answer;
    } catch (const Poco::Exception& error) {
      const std::string what_to_do =
          std::filesystem::exists(host::kSocket)
              ? "It is started again by itself; the console's log tells why it does not."
              : "Start it with: sonde run --data " + data_.string() + ", or name its folder with --data DIR.";
      throw Error("No node answers at " + socket_path.string() + " (" + error.displayText() + "). " + what_to_do);
    }
  }

 private:
  static void take(LocalAnswer& answer, std::span<const char> piece, const Sink& sink) {
    if (sink && answer.status < 300) return sink(piece);
    answer.body.append(piece.data(), piece.size());
    if (answer.body.size() > kMostAnswer)
      throw Error("The node's answer is larger than 64 MiB; ask for less with --limit.");
  }

  const std::filesystem::path data_;
  net::HTTPRequest request_;
  const Poco::Timespan patience_;
};

}  // namespace

LocalAnswer ask_node(const std::filesystem::path& data, const std::string& method, const std::string& path,
                     const std::string& json) {
  Exchange exchange(data, method, path, kPatience);
  if (!json.empty()) exchange.request().setContentType("application/json");
  exchange.request().setContentLength(static_cast<std::streamsize>(json.size()));
  return exchange.run([&](std::ostream& out) { out << json; }, {});
}

LocalAnswer fetch_from_node(const std::filesystem::path& data, const std::string& path, const Sink& sink) {
  return Exchange(data, "GET", path, kLongPatience).run([](std::ostream&) {}, sink);
}

LocalAnswer send_to_node(const std::filesystem::path& data, const std::string& path, std::istream& body,
                         std::uint64_t octets, const std::function<void(std::uint64_t)>& told) {
  Exchange exchange(data, "PUT", path, kLongPatience);
  exchange.request().setContentType("application/octet-stream");
  exchange.request().setContentLength64(static_cast<std::int64_t>(octets));
  const auto write = [&](std::ostream& out) {
    std::vector<char> block(kPiece);
    for (std::uint64_t sent = 0; sent < octets && out; told(sent)) {
      body.read(block.data(), static_cast<std::streamsize>(std::min<std::uint64_t>(block.size(), octets - sent)));
      if (body.gcount() == 0) throw Error("The file became shorter while it was sent; nothing was changed.");
      out.write(block.data(), body.gcount());
      sent += static_cast<std::uint64_t>(body.gcount());
    }
  };
  return exchange.run(write, {});
}

Json object_of(const LocalAnswer& answer) {
  JsonParsed parsed = parse_json(answer.body);
  if (!parsed.value || parsed.value->kind != Json::Kind::object)
    throw Error("The node's answer could not be understood (status " + std::to_string(answer.status) +
                "); are both of the same version?");
  if (answer.status < 400) return std::move(*parsed.value);
  const Json* sentence = parsed.value->find("sentence");
  throw Error(sentence != nullptr ? sentence->text
                                  : "The node refused (status " + std::to_string(answer.status) + ").");
}

}  // namespace sonde
