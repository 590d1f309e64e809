// Lists of what others own: each item bears its own link, so that entering and leaving allocates nothing.
#pragma once

namespace understudy::user {

template <class T>
struct Link {
  T* previous = nullptr;
  T* next = nullptr;
};

// `link`: the member of T that this list goes through.
template <class T>
void enter_list(T*& first, T& item, Link<T> T::* link) {
  (item.*link).previous = nullptr;
  (item.*link).next = first;
  if (first) (first->*link).previous = &item;
  first = &item;
}

template <class T>
void leave_list(T*& first, T& item, Link<T> T::* link) {
  const Link<T> gone = item.*link;
  (gone.previous ? (gone.previous->*link).next : first) = gone.next;
  if (gone.next) (gone.next->*link).previous = gone.previous;
}

}  // namespace understudy::user
