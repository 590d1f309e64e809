#include "proxy/shadow/order.h"

#include <algorithm>

#include "proxy/http/method.h"

namespace understudy::shadow {
namespace {

bool names_a_write(const std::vector<std::string>& methods) {
  return std::any_of(methods.begin(), methods.end(), [](const std::string& method) { return !http::is_safe(method); });
}

}  // namespace

Order::Order(const MirrorSettings& mirror)
    : matters_(mirror.order == CopyOrder::connection ||
               (mirror.order == CopyOrder::automatic && names_a_write(mirror.methods))) {}

Order::Turn Order::enter(const std::shared_ptr<Exchange>& exchange, Copy& copy) {
  if (!matters_) return Turn::now;
  const auto [row, is_first] = rows_.try_emplace(key_of(copy));
  if (is_first) return Turn::now;
  if (row->second.size() >= waiting_limit) return Turn::full;
  row->second.push_back({exchange, &copy});
  return Turn::later;
}

Order::Waiting Order::leave(const Copy& copy) {
  if (!matters_) return {};
  const auto row = rows_.find(key_of(copy));
  while (!row->second.empty()) {
    Waiting next = std::move(row->second.front());
    row->second.pop_front();
    if (!next.copy->decided) return next;
  }
  rows_.erase(row);
  return {};
}

Order::Key Order::key_of(const Copy& copy) {
  const Exchange& exchange = copy.exchange;
  return {exchange.slot, exchange.connection, static_cast<std::size_t>(&copy - exchange.copies.data())};
}

}  // namespace understudy::shadow
