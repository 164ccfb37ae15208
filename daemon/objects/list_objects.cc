#include <algorithm>
#include <optional>

#include "api/s3_responses.h"
#include "daemon/objects/object_operations.h"
#include "daemon/objects/object_walk.h"

namespace glaux::daemon {
namespace {

constexpr int kMaxKeys = 1000;

/// Where a page ended: the last key or common prefix in it. It is a place in the order and not a
/// count, so that keys may come and go between pages.
struct Position {
  std::string text;
  bool is_common_prefix = false;
};

/// A continuation token: "k:" and a key, or "p:" and a common prefix, percent-encoded.
std::string tokenOf(const Position& position) {
  return (position.is_common_prefix ? "p:" : "k:") + api::urlEncodeKey(position.text);
}

std::optional<Position> parseToken(std::string_view token) {
  if (!token.starts_with("k:") && !token.starts_with("p:")) return std::nullopt;
  auto text = percentDecode(token.substr(2));
  if (!text || text->empty()) return std::nullopt;
  return Position{std::move(*text), token.front() == 'p'};
}

/// The question: what the page's document repeats, and where it begins.
struct Question {
  api::S3Listing listing;
  Position after;
};

tl::expected<Question, ObjectError> questionOf(const ObjectRequest& request) {
  const QueryParameters& query = request.query;
  Question question;
  api::S3Listing& listing = question.listing;
  listing.version = query.value("list-type") == "2" ? 2 : 1;
  listing.bucket = request.path.bucket;
  listing.prefix = query.value("prefix");
  listing.delimiter = query.value("delimiter");
  listing.url_encoded = query.value("encoding-type") == "url";
  if (!listing.url_encoded && !query.value("encoding-type").empty()) {
    return refuse(api::S3ErrorCode::kInvalidArgument,
                  "Invalid Encoding Method specified in Request");
  }
  const auto max_keys = query.number("max-keys", 0, kMaxKeys);
  if (!max_keys) {
    return refuse(api::S3ErrorCode::kInvalidArgument,
                  "max-keys must be an integer between 0 and 2147483647");
  }
  listing.max_keys = std::min(*max_keys, kMaxKeys);

  if (listing.version == 1) {
    listing.after = query.value("marker");
    // A marker that was a NextMarker may be a common prefix, which is not to be shown again.
    const bool ends_group = !listing.delimiter.empty() &&
                            listing.after.size() > listing.prefix.size() &&
                            listing.after.ends_with(listing.delimiter);
    question.after = {listing.after, ends_group};
    return question;
  }
  listing.after = query.value("start-after");
  listing.continuation_token = query.value("continuation-token");
  question.after = {listing.after, false};
  if (query.has("continuation-token")) {
    auto position = parseToken(listing.continuation_token);
    if (!position) {
      return refuse(api::S3ErrorCode::kInvalidArgument,
                    "The continuation token provided is incorrect");
    }
    question.after = std::move(*position);
  }
  return question;
}

/// The part of the key up to the first delimiter behind the prefix, with it; nullopt if the key is
/// shown itself.
std::optional<std::string> commonPrefixOf(const std::string& key, const api::S3Listing& listing) {
  if (listing.delimiter.empty()) return std::nullopt;
  const std::size_t at = key.find(listing.delimiter, listing.prefix.size());
  if (at == std::string::npos) return std::nullopt;
  return key.substr(0, at + listing.delimiter.size());
}

/// Fills a page.
class Page {
 public:
  Page(const ObjectTree& tree, Question question)
      : root_fd_(tree.root()),
        listing_(std::move(question.listing)),
        walk_(tree.root(), listing_.bucket,
              {listing_.prefix, question.after.text,
               question.after.is_common_prefix ? question.after.text : std::string(),
               listing_.delimiter == "/"}) {}

  tl::expected<api::S3Listing, ObjectError> fill() && {
    if (listing_.max_keys == 0) return std::move(listing_);
    const auto walked = walk_.run([this](const std::string& key) { return add(key); });
    if (!walked) return tl::unexpected(walked.error());
    if (listing_.is_truncated) {
      listing_.next = listing_.version == 1 ? last_.text : tokenOf(last_);
    }
    return std::move(listing_);
  }

 private:
  bool add(const std::string& key) {
    auto group = commonPrefixOf(key, listing_);
    const auto file = group ? ObjectFile{} : lookAtObjectFile(root_fd_, {listing_.bucket, key});
    if (!file) return true;  // gone since its directory was read
    if (count() == static_cast<std::size_t>(listing_.max_keys)) {
      listing_.is_truncated = true;
      return false;
    }
    if (group) {
      walk_.leaveOut(*group);
      last_ = {*group, true};
      listing_.common_prefixes.push_back(std::move(*group));
    } else {
      last_ = {key, false};
      listing_.objects.push_back({key, modifiedMs(*file), entityTagOf(*file), file->size});
    }
    return true;
  }

  std::size_t count() const { return listing_.objects.size() + listing_.common_prefixes.size(); }

  int root_fd_;
  api::S3Listing listing_;
  ObjectWalk walk_;
  Position last_;
};

}  // namespace

ObjectReply listObjects(ObjectTree& tree, ObjectRequest& request) {
  if (!tree.hasBucket(request.path.bucket)) return refuse(api::S3ErrorCode::kNoSuchBucket);
  auto question = questionOf(request);
  if (!question) return tl::unexpected(std::move(question.error()));
  auto listing = Page(tree, std::move(*question)).fill();
  if (!listing) return tl::unexpected(std::move(listing.error()));
  return xmlResponse(api::encodeS3Listing(*listing));
}

}  // namespace glaux::daemon
