#include <filesystem>

#include "plugins/check/case.h"
#include "plugins/check/checked_session.h"
#include "plugins/check/processes.h"
#include "plugins/protocol/proof.h"

// executor.capnp, `Handshake`, and "the latest authenticated one counts".
namespace glaux::plugins::check {
namespace {

namespace fs = std::filesystem;

// An executor that was greeted by, and a connection on which nothing has been said.
struct Door {
  explicit Door(Trial& trial, SessionOptions options = {})
      : session(CheckedSession::start(trial, std::move(options))) {
    session->readGreeting();
    open(trial);
  }

  // Another connection instead of this one, which an executor may close after a refusal.
  void open(Trial& trial) {
    connection = std::make_unique<Connection>(trial.loop(), session->directory());
  }

  std::string proof(Role role, const Nonces& nonces) const {
    return proofOfKey(role, session->bootstrap().key, nonces, session->id());
  }

  // The nonces of a challenge that was answered.
  Nonces challenge() {
    Nonces nonces{randomBytes(kNonceSize), ""};
    const auto answer = connection->challenge(nonces.caller);
    if (!answer) fail("challenge was answered by: " + answer.error().message);
    nonces.executor = answer->executor_nonce;
    return nonces;
  }

  void expectRefused(const std::string& proof, const std::string& what) {
    expect(!connection->authenticate(proof).has_value(), what + " was accepted");
  }

  std::unique_ptr<CheckedSession> session;
  std::unique_ptr<Connection> connection;
};

void theExecutorProvesThatItHoldsTheKey(Trial& trial) {
  Door door(trial);
  Nonces nonces{randomBytes(kNonceSize), ""};
  const auto answer = door.connection->challenge(nonces.caller);
  if (!answer) fail("challenge was answered by: " + answer.error().message);
  nonces.executor = answer->executor_nonce;
  expectEqual("the size of the executor's nonce", static_cast<int>(nonces.executor.size()),
              kNonceSize);
  expect(answer->proof == door.proof(Role::kExecutor, nonces), "the executor's proof is wrong");
}

void theRightProofIsAccepted(Trial& trial) {
  Door door(trial);
  const auto accepted = door.connection->authenticate(door.proof(Role::kDaemon, door.challenge()));
  expect(accepted.has_value(), "the right proof was refused");
  door.connection->probe();
}

void aWrongProofIsAnException(Trial& trial) {
  Door door(trial);
  std::string proof = door.proof(Role::kDaemon, door.challenge());
  proof.back() = static_cast<char>(proof.back() ^ 1);
  door.expectRefused(proof, "a proof with one wrong bit");
  door.open(trial);
  door.challenge();
  door.expectRefused("", "an empty proof");
}

void theExecutorsOwnProofIsNotTheDaemons(Trial& trial) {
  Door door(trial);
  door.expectRefused(door.proof(Role::kExecutor, door.challenge()), "a proof of the other role");
}

void aProofOfAnotherKeyIsRefused(Trial& trial) {
  Door door(trial);
  const Nonces nonces = door.challenge();
  door.expectRefused(proofOfKey(Role::kDaemon, randomBytes(kKeySize), nonces, door.session->id()),
                     "a proof of another key");
}

void aProofForAnotherSessionIsRefused(Trial& trial) {
  Door door(trial);
  const Nonces nonces = door.challenge();
  door.expectRefused(proofOfKey(Role::kDaemon, door.session->bootstrap().key, nonces, newUuid()),
                     "a proof for another session");
}

void aNonceOfAnotherSizeIsRefused(Trial& trial) {
  for (const std::size_t size : {0, 31, 33}) {
    Door door(trial);
    expect(!door.connection->challenge(randomBytes(size)).has_value(),
           "a nonce of " + std::to_string(size) + " bytes was accepted");
  }
}

void aSecondChallengeReplacesTheFirst(Trial& trial) {
  Door door(trial);
  const Nonces first = door.challenge();
  door.challenge();
  door.expectRefused(door.proof(Role::kDaemon, first), "a proof over replaced nonces");
  door.open(trial);
  door.challenge();
  const Nonces last = door.challenge();
  expect(door.connection->authenticate(door.proof(Role::kDaemon, last)).has_value(),
         "the proof over the last challenge's nonces was refused");
}

void nonceIsFreshEveryTime(Trial& trial) {
  Door door(trial);
  const Nonces first = door.challenge();
  expect(door.challenge().executor != first.executor, "two challenges got the same nonce");
}

void noncesAreSpentBySuccess(Trial& trial) {
  Door door(trial);
  const std::string proof = door.proof(Role::kDaemon, door.challenge());
  expect(door.connection->authenticate(proof).has_value(), "the right proof was refused");
  door.expectRefused(proof, "a proof that was used before");
}

void noncesAreSpentByFailure(Trial& trial) {
  Door door(trial);
  const Nonces nonces = door.challenge();
  door.expectRefused(std::string(32, 'x'), "a wrong proof");
  door.expectRefused(door.proof(Role::kDaemon, nonces), "a second guess at the same nonces");
}

void authenticateNeedsAChallenge(Trial& trial) {
  Door door(trial);
  door.expectRefused(door.proof(Role::kDaemon, Nonces{"", ""}), "a proof without a challenge");
}

void aChallengeCountsOnItsConnectionOnly(Trial& trial) {
  Door door(trial);
  const Nonces nonces = door.challenge();
  door.open(trial);
  door.expectRefused(door.proof(Role::kDaemon, nonces), "a proof from another connection");
}

void theKeyIsNowhereToBeSeen(Trial& trial) {
  CheckedSession session(trial);
  session.waitReady();
  const std::string& key = session.bootstrap().key;
  auto processes = session.workers();
  processes.push_back(session.pid());
  for (const pid_t pid : processes) {
    expect(commandLineOf(pid).find(key) == std::string::npos, "the key is in a command line");
    expect(environmentOf(pid).find(key) == std::string::npos, "the key is in an environment");
  }
  for (const auto& entry : fs::recursive_directory_iterator(session.directory())) {
    if (!entry.is_regular_file()) continue;
    expect(readFile(entry.path()).find(key) == std::string::npos,
           "the key is in " + entry.path().string());
  }
}

void theLaterConnectionCutsOffTheEarlier(Trial& trial) {
  CheckedSession session(trial);
  session.waitReady();
  Connection later(trial.loop(), session.directory());
  expect(later.prove(session.bootstrap().key, session.id()).has_value(),
         "a second daemon was refused");
  expect(trial.waitUntil([&] { return !session.isConnected(); }, 5s),
         "the earlier connection stays open");
  later.probe();
}

void whoProvesNothingChangesNothing(Trial& trial) {
  CheckedSession session(trial, {.lease_seconds = 0});
  session.waitReady();
  {
    Connection stranger(trial.loop(), session.directory());
    static_cast<void>(stranger.challenge(randomBytes(kNonceSize)));
    static_cast<void>(stranger.authenticate(std::string(32, 'x')));
  }
  trial.pause(300ms);
  expect(session.isConnected(), "a stranger's visit cut the daemon's connection");
  session.expectCompleted("");
}

}  // namespace

Group handshakeCases() {
  return {"handshake",
          {
              {"the-executor-proves-that-it-holds-the-key", theExecutorProvesThatItHoldsTheKey},
              {"the-right-proof-is-accepted", theRightProofIsAccepted},
              {"a-wrong-proof-is-an-exception", aWrongProofIsAnException},
              {"the-executors-own-proof-is-not-the-daemons", theExecutorsOwnProofIsNotTheDaemons},
              {"a-proof-of-another-key-is-refused", aProofOfAnotherKeyIsRefused},
              {"a-proof-for-another-session-is-refused", aProofForAnotherSessionIsRefused},
              {"a-nonce-of-another-size-is-refused", aNonceOfAnotherSizeIsRefused},
              {"a-second-challenge-replaces-the-first", aSecondChallengeReplacesTheFirst},
              {"the-nonce-is-fresh-every-time", nonceIsFreshEveryTime},
              {"nonces-are-spent-by-success", noncesAreSpentBySuccess},
              {"nonces-are-spent-by-failure", noncesAreSpentByFailure},
              {"authenticate-needs-a-challenge", authenticateNeedsAChallenge},
              {"a-challenge-counts-on-its-connection-only", aChallengeCountsOnItsConnectionOnly},
              {"the-key-is-nowhere-to-be-seen", theKeyIsNowhereToBeSeen},
              {"the-later-connection-cuts-off-the-earlier", theLaterConnectionCutsOffTheEarlier},
              {"who-proves-nothing-changes-nothing", whoProvesNothingChangesNothing},
          }};
}

}  // namespace glaux::plugins::check
