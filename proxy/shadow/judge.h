// Judges complete sets: primary against candidate, primary against secondary; records the evidence and decides the copy
// in the same breath, so that evidence and ledger always say the same; what ends otherwise by our doing is counted at
// its endpoint. Callers: assembler and player offer; ShadowPlane spawns run().
#pragma once

#include <deque>
#include <memory>

#include "diff/body/enumeration.h"
#include "diff/compare.h"
#include "diff/endpoint/namer.h"
#include "diff/evidence/evidence.h"
#include "proxy/policy/redaction.h"
#include "proxy/shadow/confirmations.h"
#include "proxy/shadow/exchanges.h"
#include "proxy/shadow/snapshots.h"
#include "proxy/store/writer.h"

namespace understudy::shadow {

class Judge : public EndListener, public ConfirmationListener {
 public:
  Judge(World& world, Exchanges& exchanges, Snapshots& snapshots);
  // Differences that a state of production can make are asked again through these; they outlive what is judged.
  void confirm_by(Confirmations& confirmations) { confirmations_ = &confirmations; }

  // Takes the copy if its set is complete and it has not ended otherwise.
  void offer(const std::shared_ptr<Exchange>& exchange, Copy& copy);
  void copy_ended(const Copy& copy, control::Outcome outcome) override;
  void asked_again(std::uint64_t exchange_id, const Exchange& exchange, const Copy& copy,
                   std::string_view endpoint) override;
  void not_asked_again(std::uint64_t exchange_id) override;
  std::size_t queued() const { return queue_.size(); }
  // The run is open again that is_switching() kept it waiting for.
  void resume() { work_.notify_all(); }

  // Judges what is queued, a few milliseconds at a time. To be spawned once.
  net::Task<void> run();
  void stop();

 private:
  struct Case {
    std::shared_ptr<Exchange> exchange;
    Copy* copy;
  };
  void judge_for_a_turn();
  void judge(Copy& copy);
  void count(control::Confirmed result);
  std::vector<diff::Finding> findings_of(const Exchange& exchange, const Answer& answer, const diff::Occasion& occasion,
                                         std::string_view endpoint);
  std::vector<diff::Finding> compare(const Exchange& exchange, const Answer& answer, const diff::Occasion& occasion,
                                     std::string_view endpoint);
  std::uint64_t next_exchange_id(std::int64_t now_us);

  World& world_;
  Exchanges& exchanges_;
  Snapshots& snapshots_;
  diff::EndpointNamer& namer_;
  diff::Evidence& evidence_;
  store::Writer* writer_;                   // null: no store
  Confirmations* confirmations_ = nullptr;  // null: nothing is asked again
  diff::Comparer comparer_;
  diff::Enumerations enumerations_;
  policy::Redaction redaction_;
  std::string version_path_;  // of the field that names the build, as findings have it
  std::deque<Case> queue_;
  net::Event work_;
  std::uint64_t last_exchange_id_ = 0;
  bool stopped_ = false;
};

}  // namespace understudy::shadow
