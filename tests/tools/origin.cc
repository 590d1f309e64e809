#include "tests/tools/origin.h"

#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <charconv>

#include "tests/tools/content.h"
#include "tests/tools/origin_connection.h"
#include "tests/tools/sockets.h"

namespace understudy::tools {

namespace {

constexpr std::size_t heads_kept = 256;

std::string quoted(std::string_view text) {
  std::string result(1, '"');
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      (result += '\\') += c;
    } else if (static_cast<unsigned char>(c) < 0x20) {
      result += "\\u00";
      result += hexadecimal(static_cast<unsigned char>(c)).substr(14);
    } else {
      result += c;
    }
  }
  return result + '"';
}

template <class Map>
std::string json_object(const Map& map) {
  std::string json = "{";
  for (const auto& [key, value] : map) {
    if (json.size() > 1) json += ',';
    json += quoted(key);
    json += ':';
    json += std::to_string(value);
  }
  return json + "}";
}

}  // namespace

bool OriginMode::parse(std::string_view text, OriginMode& mode) {
  static const std::map<std::string_view, Kind> kinds{
      {"healthy", Kind::healthy},     {"slow", Kind::slow},   {"hang", Kind::hang},       {"refuse", Kind::refuse},
      {"blackhole", Kind::blackhole}, {"reset", Kind::reset}, {"trickle", Kind::trickle}, {"huge", Kind::huge},
      {"garbage", Kind::garbage},     {"close", Kind::close}};
  const auto equals = text.find('=');
  const auto found = kinds.find(text.substr(0, equals));
  if (found == kinds.end()) return false;
  mode = {found->second, 0, std::string(text)};
  if (equals == std::string_view::npos) return found->second != Kind::slow && found->second != Kind::huge;
  return std::from_chars(text.data() + equals + 1, text.data() + text.size(), mode.amount).ec == std::errc{};
}

class Origin::Acceptor : public Watcher {
 public:
  Acceptor(Origin& origin, int fd, bool control) : origin_(origin), fd_(fd), control_(control) {
    origin_.poller_.add(fd_, EPOLLIN, this);
  }
  ~Acceptor() override { origin_.poller_.remove(fd_, this); }
  void on_events(std::uint32_t) override { origin_.accept_from(fd_, control_); }

 private:
  Origin& origin_;
  int fd_;
  bool control_;
};

Origin::Origin(Poller& poller, OriginOptions options) : poller_(poller), options_(std::move(options)) {
  port_ = options_.port;
  open_listener(4096);
  port_ = local_port(listener_);
  control_listener_ = listen_on(options_.host, options_.control_port, 64);
  control_port_ = local_port(control_listener_);
  control_acceptor_ = std::make_unique<Acceptor>(*this, control_listener_, true);
  set_mode(options_.mode);
  if (options_.idle_timeout.count() > 0) sweep();
}

Origin::~Origin() {
  connections_.clear();
  close_listener();
  control_acceptor_.reset();
  close(control_listener_);
}

void Origin::accept_from(int fd, bool control) {
  for (int i = 0; i < 64; ++i) {
    const int peer = accept4(fd, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (peer < 0) return;
    if (!control) {
      ++counts_.connections;
      if (mode_.kind == OriginMode::Kind::close) {
        close(peer);
        continue;
      }
    }
    const std::uint64_t id = next_id_++;
    connections_.emplace(id, std::make_unique<OriginConnection>(*this, id, peer, control));
  }
}

void Origin::set_mode(const OriginMode& mode) {
  const auto before = mode_.kind;
  mode_ = mode;
  if (before == OriginMode::Kind::blackhole && mode.kind != before) {
    for (const int fd : fillers_) close(fd);
    fillers_.clear();
    listen(listener_, 4096);
    acceptor_ = std::make_unique<Acceptor>(*this, listener_, false);
  }
  if (before == OriginMode::Kind::refuse && mode.kind != before) open_listener(4096);

  if (mode.kind == OriginMode::Kind::refuse && before != mode.kind) {
    close_listener();
    close_all(true);
  }
  if (mode.kind == OriginMode::Kind::close) close_all(false);
  if (mode.kind == OriginMode::Kind::blackhole && before != mode.kind) {
    acceptor_.reset();
    listen(listener_, 0);
    for (int i = 0; i < 4; ++i) fillers_.push_back(begin_connect(options_.host + ":" + std::to_string(port_)));
  }
}

void Origin::open_listener(int backlog) {
  listener_ = listen_on(options_.host, port_, backlog);
  acceptor_ = std::make_unique<Acceptor>(*this, listener_, false);
}

void Origin::close_listener() {
  acceptor_.reset();
  for (const int fd : fillers_) close(fd);
  fillers_.clear();
  if (listener_ >= 0) close(listener_);
  listener_ = -1;
}

void Origin::close_all(bool with_reset) {
  std::vector<OriginConnection*> open;
  for (const auto& [id, connection] : connections_)
    if (!connection->is_control()) open.push_back(connection.get());
  for (OriginConnection* connection : open) connection->end(with_reset);
}

void Origin::sweep() {
  std::vector<OriginConnection*> idle;
  for (const auto& [id, connection] : connections_)
    if (connection->idle_since() + options_.idle_timeout < Clock::now()) idle.push_back(connection.get());
  for (OriginConnection* connection : idle) connection->end(false);
  poller_.at(Clock::now() + std::chrono::milliseconds{20}, [this] { sweep(); });
}

OriginConnection* Origin::find(std::uint64_t id) {
  const auto found = connections_.find(id);
  return found == connections_.end() ? nullptr : found->second.get();
}

void Origin::forget(std::uint64_t id) {
  const auto found = connections_.find(id);
  if (found == connections_.end()) return;
  // Its own member functions may still be running.
  poller_.at(Clock::now(), [gone = std::shared_ptr<OriginConnection>(std::move(found->second))] {});
  connections_.erase(found);
}

void Origin::remember_head(const std::string& raw) {
  heads_.push_back(raw);
  if (heads_.size() > heads_kept) heads_.pop_front();
}

std::string Origin::control(std::string_view method, std::string_view target, std::string_view content, int& status) {
  status = 200;
  if (method == "PUT" && target == "/mode") {
    OriginMode mode;
    if (OriginMode::parse(content, mode)) {
      set_mode(mode);
      return "{}";
    }
    status = 400;
    return "{\"error\":\"unknown mode\"}";
  }
  if (method == "POST" && target == "/reset") {
    counts_ = {};
    bodies_.clear();
    heads_.clear();
    return "{}";
  }
  if (target == "/stats") {
    std::size_t open = 0;
    for (const auto& [id, connection] : connections_) open += connection->is_control() ? 0 : 1;
    const std::map<std::string, std::uint64_t> totals{{"connections", counts_.connections},
                                                      {"open", open},
                                                      {"begun", counts_.begun},
                                                      {"whole", counts_.whole},
                                                      {"responses", counts_.responses}};
    return "{\"mode\":" + quoted(mode_.text) + ",\"totals\":" + json_object(totals) +
           ",\"methods\":" + json_object(counts_.methods) + ",\"roles\":" + json_object(counts_.roles) + "}";
  }
  if (target == "/bodies") {
    std::string json = "[";
    for (const BodyRecord& body : bodies_) {
      json += std::string(json.size() > 1 ? ",\n" : "") + "{\"id\":" + quoted(body.id) +
              ",\"role\":" + quoted(body.role) + ",\"length\":" + std::to_string(body.length) + ",\"xxh3\":\"" +
              hexadecimal(body.xxh3) + "\",\"complete\":" + (body.complete ? "true" : "false") + "}";
    }
    return json + "]";
  }
  if (target == "/heads") {
    std::string json = "[";
    for (const std::string& head : heads_) {
      if (json.size() > 1) json += ",\n";
      json += quoted(head);
    }
    return json + "]";
  }
  status = 404;
  return "{\"error\":\"no such control\"}";
}

}  // namespace understudy::tools
