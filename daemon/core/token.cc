#include "daemon/core/planted_bug.h"
#include "daemon/core/rules.h"

namespace glaux::core {

tl::expected<std::optional<IdBytes>, api::Error> findToken(
    const State& state, const std::optional<IdempotencyToken>& token) {
  if (!token) return std::nullopt;
  auto found = state.tokens.find(token->token);
  if (found == state.tokens.end()) return std::nullopt;
  if (found->second.parameters != token->parameters)
    return tl::unexpected(api::errors::idempotentParametersDoNotMatch());
  return found->second.result;
}

void rememberToken(const Situation& at, const std::optional<IdempotencyToken>& token,
                   const IdBytes& result, std::vector<Event>& events) {
  if (!token || isPlanted(PlantedBug::kTokensAreForgotten)) return;
  events.push_back(TokenRemembered{.token = token->token,
                                   .parameters = token->parameters,
                                   .result = result,
                                   .expires = at.in(at.policy.token_retention_ms)});
}

}  // namespace glaux::core
