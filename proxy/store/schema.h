// The tables of a store, and how to tell one from another file. For writer.cc and reader.cc.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "diff/finding.h"
#include "proxy/control/reasons.h"
#include "proxy/store/database.h"

namespace understudy::store {

inline constexpr int schema_version = 2;

enum class FileKind { empty, ours, older, foreign, newer, unreadable };
FileKind kind_of(Database& database);
// What is wrong with a file that is not ours (foreign, newer, unreadable), in words that name it and the remedy.
std::string refusal(FileKind kind, const std::string& path, const Database& database);

// Makes the tables in an empty file.
void create_schema(Database& database);
// Brings a file of kind `older` to this edition, in one transaction: its evidence becomes the closed run "1".
void migrate_schema(Database& database);
// Adds what a file of this edition may lack that an earlier program wrote.
void complete_schema(Database& database);
// Whether it has been; for who only reads.
bool has_ignore_classes(Database& database);
// Lets a file of kind `older` be read as if it had been migrated; nothing of it changes.
void show_as_migrated(Database& database);

// An outcome's name in the table `ledger`: "matched", "dropped:tap_full", "failed:candidate:reset".
std::string account_name(control::Outcome outcome);
inline constexpr std::string_view eligible_account = "eligible";
inline constexpr std::string_view heldout_account = "heldout";
inline constexpr std::string_view in_flight_account = "in_flight";

}  // namespace understudy::store
