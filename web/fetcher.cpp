#include "web/fetcher.h"

#include <Poco/Exception.h>
#include <Poco/Net/Context.h>
#include <Poco/Net/HTTPClientSession.h>
#include <Poco/Net/HTTPRequest.h>
#include <Poco/Net/HTTPResponse.h>
#include <Poco/Net/SecureStreamSocket.h>
#include <Poco/Net/StreamSocket.h>
#include <Poco/URI.h>
#include <netdb.h>
#include <netinet/in.h>

#include <algorithm>
#include <chrono>
#include <istream>
#include <memory>

#include "core/base/error.h"

namespace sonde::web {
namespace {

namespace net = Poco::Net;
using std::chrono::steady_clock;

constexpr int kMostRedirects = 3;
constexpr std::size_t kPiece = 64 << 10, kMostAddress = 2048;

Poco::Timespan span_of(Duration duration) {
  return std::chrono::duration_cast<std::chrono::microseconds>(duration).count();
}

std::vector<IpAddress> look_up(const std::string& name) {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  std::vector<IpAddress> addresses;
  if (getaddrinfo(name.c_str(), nullptr, &hints, &found) != 0) return addresses;
  for (const addrinfo* one = found; one && addresses.size() < 16; one = one->ai_next) {
    if (one->ai_family == AF_INET) {
      const auto* in = reinterpret_cast<const sockaddr_in*>(one->ai_addr);
      addresses.push_back(IpAddress::v4(std::as_bytes(std::span<const in_addr, 1>(&in->sin_addr, 1))));
    } else if (one->ai_family == AF_INET6) {
      const auto* in6 = reinterpret_cast<const sockaddr_in6*>(one->ai_addr);
      addresses.push_back(
          IpAddress::v6(std::as_bytes(std::span<const in6_addr, 1>(&in6->sin6_addr, 1)), in6->sin6_scope_id));
    }
  }
  freeaddrinfo(found);
  return addresses;
}

/// An address as it may be asked, or an Error that says which rule it breaks.
Poco::URI checked(const std::string& text) {
  if (text.size() > kMostAddress) throw Error("The address is longer than 2048 characters.");
  Poco::URI uri;
  try {
    uri = Poco::URI(text);
  } catch (const Poco::Exception&) {
    throw Error("This is no address: allowed is http://HOST/PATH or https://HOST/PATH.");
  }
  if (uri.getScheme() != "https" && uri.getScheme() != "http")
    throw Error("Only addresses that begin with https:// or http:// are fetched.");
  if (!uri.getUserInfo().empty()) throw Error("An address with a name or password in it is not fetched.");
  if (uri.getHost().empty()) throw Error("The address names no host.");
  return uri;
}

/// All that the name stands for is looked at before one of it is taken: a name that also leads inside is no good one.
IpAddress resolved(const Poco::URI& uri, const FetchRules& rules) {
  const std::string& host = uri.getHost();
  std::vector<IpAddress> found;
  const auto literal = IpAddress::parse(host);
  if (literal)
    found.push_back(*literal);
  else
    found = rules.resolve ? rules.resolve(host) : look_up(host);
  if (found.empty()) throw Error("The name " + host + " has no address here: is it right, does a name server answer?");
  for (const IpAddress& address : found)
    if (const std::string why = why_not_fetch_from(address, rules); !why.empty())
      throw Error((literal ? "" : host + " is ") + address.text() + ", " + why + ": nothing is fetched from there.");
  return found.front();
}

class Request {
 public:
  Request(const FetchRules& rules, const std::stop_token& stop)
      : rules_(rules), stop_(stop), until_(steady_clock::now() + rules.whole) {}

  /// Asks; true = the body can be read. False = `uri` is the next address to ask.
  bool begin(Poco::URI& uri) {
    go_on();
    connect(uri);
    net::HTTPRequest request("GET", uri.getPathAndQuery().empty() ? "/" : uri.getPathAndQuery(),
                             net::HTTPMessage::HTTP_1_1);
    request.setHost(uri.getHost(), uri.getPort());
    request.set("User-Agent", "Sonde");
    request.set("Accept", "*/*");
    request.set("Connection", "close");
    session_->sendRequest(request);
    body_ = &session_->receiveResponse(response_);
    const int status = response_.getStatus();
    if (status == 200) return true;
    const bool elsewhere = status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
    if (!elsewhere || !response_.has("Location"))
      throw Error(uri.getHost() + " answers with status " + std::to_string(status) + " instead of the file.");
    follow(uri, response_.get("Location"));
    return false;
  }

  std::uint64_t length() const {
    const auto told = response_.getContentLength64();
    return told > 0 ? static_cast<std::uint64_t>(told) : 0;
  }

  std::uint64_t take(const std::function<void(std::span<const char>)>& sink) {
    std::vector<char> piece(kPiece);
    std::uint64_t taken = 0;
    for (;;) {
      go_on();
      body_->read(piece.data(), static_cast<std::streamsize>(piece.size()));
      const auto n = static_cast<std::size_t>(body_->gcount());
      if (n == 0) break;
      taken += n;
      if (taken > rules_.most) too_long();
      sink(std::span<const char>(piece).first(n));
    }
    // Poco's streams keep what went wrong to themselves and only end.
    if (const Poco::Exception* broken = session_->networkException()) broken->rethrow();
    if (length() != 0 && taken != length())
      throw Error("The connection broke off after " + std::to_string(taken) + " of " + std::to_string(length()) +
                  " octets.");
    return taken;
  }

  void check_length() const {
    if (length() > rules_.most) too_long();
  }

 private:
  [[noreturn]] void too_long() const {
    throw Error("What is there is longer than " + std::to_string(rules_.most) + " octets, the most that is taken.");
  }

  void go_on() const {
    if (stop_.stop_requested()) throw Error("It was stopped.");
    if (steady_clock::now() > until_)
      throw Error("It took longer than " +
                  std::to_string(std::chrono::duration_cast<std::chrono::seconds>(rules_.whole).count()) + " s.");
  }

  void connect(const Poco::URI& uri) {
    const IpAddress address = resolved(uri, rules_);
    const auto bytes = address.bytes();
    const net::IPAddress numeric(bytes.data(), static_cast<poco_socklen_t>(bytes.size()), address.scope());
    net::StreamSocket plain;
    plain.connect(net::SocketAddress(numeric, uri.getPort()), span_of(rules_.silence));
    plain.setReceiveTimeout(span_of(rules_.silence));
    plain.setSendTimeout(span_of(rules_.silence));
    if (uri.getScheme() == "http") {
      session_ = std::make_unique<net::HTTPClientSession>(plain);
    } else {
      net::Context::Ptr context =
          new net::Context(net::Context::TLS_CLIENT_USE, rules_.authorities, net::Context::VERIFY_STRICT, 9, false);
      context->requireMinimumProtocol(net::Context::PROTO_TLSV1_2);
      // HTTPSClientSession takes no socket that is connected already; the plain one speaks over any.
      session_ =
          std::make_unique<net::HTTPClientSession>(net::SecureStreamSocket::attach(plain, uri.getHost(), context));
    }
    session_->setTimeout(span_of(rules_.silence));
    session_->setKeepAlive(false);
  }

  void follow(Poco::URI& uri, const std::string& location) {
    if (++redirects_ > kMostRedirects)
      throw Error("More than " + std::to_string(kMostRedirects) + " times the answer was to look elsewhere.");
    Poco::URI next = uri;
    try {
      next.resolve(location);
    } catch (const Poco::Exception&) {
      throw Error(uri.getHost() + " sends us on to something that is no address.");
    }
    next = checked(next.toString());
    if (uri.getScheme() == "https" && next.getScheme() == "http")
      throw Error(uri.getHost() + " sends us on from https to http, which anybody on the way could change.");
    uri = next;
  }

  const FetchRules& rules_;
  const std::stop_token& stop_;
  const steady_clock::time_point until_;
  std::unique_ptr<net::HTTPClientSession> session_;
  net::HTTPResponse response_;
  std::istream* body_ = nullptr;
  int redirects_ = 0;
};

}  // namespace

std::string why_not_fetch_from(const IpAddress& address, const FetchRules& rules) {
  if (std::ranges::any_of(rules.listed, [&](const Prefix& one) { return one.contains(address); })) return {};
  if (address.is_unspecified()) return "which is no host's address";
  if (address.is_loopback()) return "this host itself";
  if (address.is_link_local()) return "a link-local address";
  if (address.is_multicast() || address.is_broadcast()) return "a multicast or broadcast address";
  if (std::ranges::find(rules.own, address) != rules.own.end()) return "an address of this host itself";
  return {};
}

std::uint64_t fetch(const std::string& address, const FetchRules& rules,
                    const std::function<void(std::uint64_t)>& begins,
                    const std::function<void(std::span<const char>)>& sink, const std::stop_token& stop) {
  Poco::URI uri = checked(address);
  try {
    Request request(rules, stop);
    while (!request.begin(uri)) {
    }
    request.check_length();
    begins(request.length());
    return request.take(sink);
  } catch (const Poco::TimeoutException&) {
    throw Error(uri.getHost() + " does not answer in time.");
  } catch (const Poco::Exception& error) {
    throw Error("Fetching from " + uri.getHost() + " failed: " + error.displayText() + ".");
  }
}

}  // namespace sonde::web
