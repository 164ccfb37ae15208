@0xd5f1a8f3c4b2e917;

using Cxx = import "/capnp/c++.capnp";
$Cxx.namespace("glaux::daemon::test");

# The smallest service that exercises an RPC connection.
interface Echo {
  # Returns `text` after `delayMs`.
  say @0 (text :Text, delayMs :UInt32) -> (text :Text);
}
