#include "proxy/user/primary_addresses.h"

#include <algorithm>
#include <string>

#include "proxy/net/address.h"

namespace understudy::user {

PrimaryAddresses::PrimaryAddresses(const Url& url) : url_(url) {
  publish({});
  literal_ = url.host.find_first_not_of("0123456789.") == std::string::npos || url.host.find(':') != std::string::npos;
  if (literal_) refresh();
}

PrimaryAddresses::PrimaryAddresses(const std::vector<net::Address>& addresses) : literal_(true) {
  List list;
  for (const net::Address& address : addresses) list.push_back(known(address));
  publish(std::move(list));
}

bool PrimaryAddresses::refresh() {
  std::string error;
  List found;
  for (const net::Address& address : net::resolve(url_.host, url_.port, error)) found.push_back(known(address));
  // Resolvers turn the list from answer to answer: another order is nothing new, and every list that is published
  // stays.
  if (found.empty() || std::is_permutation(found.begin(), found.end(), current().begin(), current().end()))
    return false;
  publish(std::move(found));
  return true;
}

void PrimaryAddresses::publish(List list) {
  lists_.push_back(std::make_unique<const List>(std::move(list)));
  current_.store(lists_.back().get(), std::memory_order_release);
}

PrimaryAddress* PrimaryAddresses::known(const net::Address& address) {
  for (const std::unique_ptr<PrimaryAddress>& old : all_) {
    if (net::same_address(old->address, address)) return old.get();
  }
  all_.push_back(std::make_unique<PrimaryAddress>(address));
  return all_.back().get();
}

}  // namespace understudy::user
