#include "daemon/executors/report_translation.h"

namespace glaux::daemon {
namespace {

using Translated = std::optional<core::report::Body>;

template <class IdType, class Make>
Translated withId(const std::string& text, Make make) {
  auto id = core::parseId<IdType>(text);
  if (!id) return std::nullopt;
  return make(*id);
}

std::optional<core::report::Usage> usageOf(const plugins::Usage& usage) {
  auto executor = core::parseId<core::ExecutorId>(usage.executor_id);
  auto calculation = core::parseId<core::CalculationId>(usage.calculation_id);
  if (!executor || !calculation) return std::nullopt;
  return core::report::Usage{*executor, *calculation,
                             static_cast<std::int64_t>(usage.total_dpu_millis),
                             static_cast<std::int64_t>(usage.calculation_dpu_millis)};
}

struct Translator {
  Translated operator()(const plugins::SessionReady&) const { return core::report::SessionReady{}; }

  // Enumerations of the same names in the same order, see translateReports.
  Translated operator()(const plugins::ExecutorChanged& r) const {
    return withId<core::ExecutorId>(r.executor_id, [&r](const core::ExecutorId& id) {
      return core::report::ExecutorChanged{id, static_cast<api::ExecutorType>(r.type),
                                           static_cast<api::ExecutorState>(r.state), r.dpus};
    });
  }

  Translated operator()(const plugins::CalculationStarted& r) const {
    return withId<core::CalculationId>(r.calculation_id, [](const core::CalculationId& id) {
      return core::report::CalculationStarted{id};
    });
  }

  Translated operator()(const plugins::Progress& r) const {
    return withId<core::CalculationId>(r.calculation_id, [&r](const core::CalculationId& id) {
      return core::report::Progress{id, r.description};
    });
  }

  Translated operator()(const plugins::Usage& r) const {
    auto usage = usageOf(r);
    return usage ? Translated(*usage) : std::nullopt;
  }

  Translated operator()(const plugins::CalculationFinished& r) const {
    return withId<core::CalculationId>(r.calculation_id, [&r](const core::CalculationId& id) {
      return core::report::CalculationFinished{id, static_cast<core::report::Outcome>(r.outcome),
                                               r.reason, usageOf(r.usage)};
    });
  }

  Translated operator()(const plugins::SessionEnded& r) const {
    return core::report::SessionEnded{r.ending == plugins::Ending::kClean, r.reason};
  }

  Translated operator()(const plugins::KernelDied& r) const {
    return core::report::KernelDied{r.reason};
  }

  Translated operator()(const plugins::Degraded& r) const {
    return core::report::Degraded{r.reason};
  }
  Translated operator()(const plugins::Recovered&) const { return core::report::Recovered{}; }
  Translated operator()(const plugins::UnknownReport&) const { return core::report::Unknown{}; }
};

static_assert(static_cast<int>(plugins::ExecutorState::kFailed) ==
              static_cast<int>(api::ExecutorState::kFailed));
static_assert(static_cast<int>(plugins::ExecutorType::kWorker) ==
              static_cast<int>(api::ExecutorType::kWorker));
static_assert(static_cast<int>(plugins::Outcome::kCanceled) ==
              static_cast<int>(core::report::Outcome::kCanceled));

}  // namespace

std::vector<core::Report> translateReports(const std::vector<plugins::Report>& reports) {
  std::vector<core::Report> translated;
  translated.reserve(reports.size());
  for (const plugins::Report& report : reports) {
    auto body = std::visit(Translator{}, report.what);
    if (!body) break;
    translated.push_back({report.number, api::Timestamp{report.time_ms}, std::move(*body)});
  }
  return translated;
}

}  // namespace glaux::daemon
