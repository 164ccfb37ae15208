#include "api/s3_responses.h"

#include <cstdio>
#include <ctime>

namespace glaux::api {
namespace {

// A document under construction; what is opened is closed by finish().
class Document {
 public:
  explicit Document(std::string_view root) : root_(root) {
    text_ = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<";
    text_ += root;
    text_ += " xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">";
  }

  void open(std::string_view tag) { tagText("<", tag); }
  void close(std::string_view tag) { tagText("</", tag); }
  void element(std::string_view tag, std::string_view content) {
    open(tag);
    text_ += escapeXml(content);
    close(tag);
  }
  void element(std::string_view tag, std::uint64_t number) { element(tag, std::to_string(number)); }

  std::string finish() && {
    close(root_);
    return std::move(text_);
  }

 private:
  void tagText(std::string_view before, std::string_view tag) {
    text_ += before;
    text_ += tag;
    text_ += '>';
  }

  std::string_view root_;
  std::string text_;
};

std::string isoTime(std::int64_t time_ms) {
  const std::time_t seconds = static_cast<std::time_t>(time_ms / 1000);
  std::tm utc{};
  ::gmtime_r(&seconds, &utc);
  char date[32];
  std::strftime(date, sizeof date, "%Y-%m-%dT%H:%M:%S", &utc);
  char text[48];
  std::snprintf(text, sizeof text, "%s.%03dZ", date, static_cast<int>(time_ms % 1000));
  return text;
}

void writeOwner(Document& xml) {
  xml.open("Owner");
  xml.element("ID", "glaux");
  xml.element("DisplayName", "glaux");
  xml.close("Owner");
}

std::string_view boolean(bool value) { return value ? "true" : "false"; }

}  // namespace

std::string encodeS3Listing(const S3Listing& listing) {
  const auto key = [&](std::string_view text) {
    return listing.url_encoded ? urlEncodeKey(text) : std::string(text);
  };
  Document xml("ListBucketResult");
  xml.element("Name", listing.bucket);
  xml.element("Prefix", key(listing.prefix));
  if (!listing.delimiter.empty()) xml.element("Delimiter", key(listing.delimiter));
  xml.element("MaxKeys", static_cast<std::uint64_t>(listing.max_keys));
  if (listing.url_encoded) xml.element("EncodingType", "url");
  xml.element("IsTruncated", boolean(listing.is_truncated));
  if (listing.version == 1) {
    xml.element("Marker", key(listing.after));
    if (listing.is_truncated) xml.element("NextMarker", key(listing.next));
  } else {
    xml.element("KeyCount", listing.objects.size() + listing.common_prefixes.size());
    if (!listing.after.empty()) xml.element("StartAfter", key(listing.after));
    if (!listing.continuation_token.empty()) {
      xml.element("ContinuationToken", listing.continuation_token);
    }
    if (listing.is_truncated) xml.element("NextContinuationToken", listing.next);
  }
  for (const S3ListedObject& object : listing.objects) {
    xml.open("Contents");
    xml.element("Key", key(object.key));
    xml.element("LastModified", isoTime(object.modified_ms));
    xml.element("ETag", object.etag);
    xml.element("Size", object.size);
    xml.element("StorageClass", "STANDARD");
    xml.close("Contents");
  }
  for (const std::string& prefix : listing.common_prefixes) {
    xml.open("CommonPrefixes");
    xml.element("Prefix", key(prefix));
    xml.close("CommonPrefixes");
  }
  return std::move(xml).finish();
}

std::string encodeS3Buckets(const std::vector<S3Bucket>& buckets) {
  Document xml("ListAllMyBucketsResult");
  writeOwner(xml);
  xml.open("Buckets");
  for (const S3Bucket& bucket : buckets) {
    xml.open("Bucket");
    xml.element("Name", bucket.name);
    xml.element("CreationDate", isoTime(bucket.created_ms));
    xml.close("Bucket");
  }
  xml.close("Buckets");
  return std::move(xml).finish();
}

std::string encodeS3Location() { return Document("LocationConstraint").finish(); }

std::string encodeS3NoTags() {
  Document xml("Tagging");
  xml.element("TagSet", "");
  return std::move(xml).finish();
}

std::string encodeS3DeleteResult(const S3DeleteResult& result) {
  Document xml("DeleteResult");
  for (const std::string& key : result.deleted) {
    xml.open("Deleted");
    xml.element("Key", key);
    xml.close("Deleted");
  }
  for (const S3DeleteResult::Failure& failure : result.failures) {
    xml.open("Error");
    xml.element("Key", failure.key);
    xml.element("Code", name(failure.code));
    xml.element("Message", failure.message);
    xml.close("Error");
  }
  return std::move(xml).finish();
}

std::string encodeS3Copy(std::string_view document, std::string_view etag,
                         std::int64_t modified_ms) {
  Document xml(document);
  xml.element("LastModified", isoTime(modified_ms));
  xml.element("ETag", etag);
  return std::move(xml).finish();
}

std::string encodeS3UploadCreated(const S3UploadName& upload) {
  Document xml("InitiateMultipartUploadResult");
  xml.element("Bucket", upload.bucket);
  xml.element("Key", upload.key);
  xml.element("UploadId", upload.id);
  return std::move(xml).finish();
}

std::string encodeS3UploadCompleted(const S3UploadName& upload, std::string_view etag) {
  Document xml("CompleteMultipartUploadResult");
  xml.element("Location", "/" + upload.bucket + "/" + urlEncodeKey(upload.key));
  xml.element("Bucket", upload.bucket);
  xml.element("Key", upload.key);
  xml.element("ETag", etag);
  return std::move(xml).finish();
}

std::string encodeS3Parts(const S3PartListing& listing) {
  Document xml("ListPartsResult");
  xml.element("Bucket", listing.upload.bucket);
  xml.element("Key", listing.upload.key);
  xml.element("UploadId", listing.upload.id);
  xml.element("PartNumberMarker", static_cast<std::uint64_t>(listing.marker));
  xml.element("MaxParts", static_cast<std::uint64_t>(listing.max_parts));
  xml.element("IsTruncated", boolean(listing.is_truncated));
  if (!listing.parts.empty()) {
    xml.element("NextPartNumberMarker", static_cast<std::uint64_t>(listing.parts.back().number));
  }
  for (const S3ListedPart& part : listing.parts) {
    xml.open("Part");
    xml.element("PartNumber", static_cast<std::uint64_t>(part.number));
    xml.element("LastModified", isoTime(part.modified_ms));
    xml.element("ETag", part.etag);
    xml.element("Size", part.size);
    xml.close("Part");
  }
  xml.element("StorageClass", "STANDARD");
  return std::move(xml).finish();
}

std::string urlEncodeKey(std::string_view key) {
  constexpr char kHex[] = "0123456789ABCDEF";
  std::string encoded;
  encoded.reserve(key.size());
  for (const char c : key) {
    const auto byte = static_cast<unsigned char>(c);
    const bool is_plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                          (c >= '0' && c <= '9') ||
                          std::string_view("-._~/").find(c) != std::string_view::npos;
    if (is_plain) {
      encoded += c;
    } else {
      encoded += '%';
      encoded += kHex[byte >> 4];
      encoded += kHex[byte & 0xF];
    }
  }
  return encoded;
}

}  // namespace glaux::api
