#include "tests/render/json_schema.hpp"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <regex>
#include <set>

namespace doctor::test {
namespace {

using Json = nlohmann::json;

constexpr std::array<std::string_view, 9> annotations{"$schema", "id",     "$id",         "title", "description",
                                                      "default", "format", "definitions", "$defs"};

bool has_type(const Json& value, const std::string& type) {
  if (type == "integer") return value.is_number_integer();
  if (type == "number") return value.is_number();
  if (type == "string") return value.is_string();
  if (type == "boolean") return value.is_boolean();
  if (type == "array") return value.is_array();
  if (type == "object") return value.is_object();
  return type == "null" && value.is_null();
}

class Validator {
 public:
  explicit Validator(const Json& schema) : root_{schema} {}

  void check(const Json& value, const Json& schema, const std::string& at) {
    if (schema.contains("$ref")) {
      const auto reference = schema.at("$ref").get<std::string>();
      return check(value, root_.at(Json::json_pointer{reference.substr(1)}), at);
    }
    for (const auto& [keyword, rule] : schema.items()) one(value, schema, keyword, rule, at);
  }

  std::vector<std::string> take() { return std::move(faults_); }

 private:
  void fault(const std::string& at, const std::string& what) { faults_.push_back(at + ": " + what); }

  bool matches(const Json& value, const Json& schema) const {
    Validator other{root_};
    other.check(value, schema, "");
    return other.faults_.empty();
  }

  void one(const Json& value, const Json& schema, const std::string& keyword, const Json& rule, const std::string& at) {
    if (std::find(annotations.begin(), annotations.end(), keyword) != annotations.end()) return;
    if (keyword == "type") return type(value, rule, at);
    if (keyword == "enum") {
      if (std::find(rule.begin(), rule.end(), value) == rule.end()) fault(at, "not one of " + rule.dump());
    } else if (keyword == "const") {
      if (value != rule) fault(at, "not " + rule.dump());
    } else if (keyword == "anyOf" || keyword == "oneOf") {
      const auto count = std::count_if(rule.begin(), rule.end(), [&](const Json& one) { return matches(value, one); });
      if (count == 0 || (keyword == "oneOf" && count > 1)) fault(at, keyword);
    } else if (keyword == "allOf") {
      for (const auto& one : rule) check(value, one, at);
    } else if (keyword == "not") {
      if (matches(value, rule)) fault(at, "not");
    } else if (!scalar(value, keyword, rule, at) && !array(value, keyword, rule, at) &&
               !object(value, schema, keyword, rule, at)) {
      fault(at, "the schema says " + keyword + ", which this validator does not know");
    }
  }

  void type(const Json& value, const Json& rule, const std::string& at) {
    const auto names = rule.is_array() ? rule : Json::array({rule});
    const auto fits = [&](const Json& name) { return has_type(value, name.get<std::string>()); };
    if (std::none_of(names.begin(), names.end(), fits)) fault(at, "not of type " + rule.dump());
  }

  bool scalar(const Json& value, const std::string& keyword, const Json& rule, const std::string& at) {
    if (keyword == "minimum" || keyword == "maximum") {
      if (!value.is_number()) return true;
      const bool low = keyword == "minimum" && value.get<double>() < rule.get<double>();
      const bool high = keyword == "maximum" && value.get<double>() > rule.get<double>();
      if (low || high) fault(at, keyword);
    } else if (keyword == "pattern") {
      if (value.is_string() && !std::regex_search(value.get<std::string>(), std::regex{rule.get<std::string>()}))
        fault(at, "does not match " + rule.get<std::string>());
    } else if (keyword == "minLength") {
      if (value.is_string() && value.get<std::string>().size() < rule.get<std::size_t>()) fault(at, keyword);
    } else {
      return false;
    }
    return true;
  }

  bool array(const Json& value, const std::string& keyword, const Json& rule, const std::string& at) {
    if (keyword != "items" && keyword != "minItems" && keyword != "maxItems" && keyword != "uniqueItems") return false;
    if (!value.is_array()) return true;
    if (keyword == "items")
      for (std::size_t i = 0; i < value.size(); ++i) check(value[i], rule, at + "/" + std::to_string(i));
    if (keyword == "minItems" && value.size() < rule.get<std::size_t>()) fault(at, keyword);
    if (keyword == "maxItems" && value.size() > rule.get<std::size_t>()) fault(at, keyword);
    if (keyword == "uniqueItems" && rule.get<bool>() &&
        std::set<Json>(value.begin(), value.end()).size() < value.size())
      fault(at, keyword);
    return true;
  }

  bool object(const Json& value, const Json& schema, const std::string& keyword, const Json& rule,
              const std::string& at) {
    if (keyword == "required") {
      for (const auto& name : rule)
        if (value.is_object() && !value.contains(name.get<std::string>())) fault(at, "lacks " + name.dump());
    } else if (keyword == "properties") {
      for (const auto& [name, one] : rule.items())
        if (value.is_object() && value.contains(name)) check(value.at(name), one, at + "/" + name);
    } else if (keyword == "additionalProperties") {
      if (value.is_object()) additional(value, schema, rule, at);
    } else {
      return false;
    }
    return true;
  }

  void additional(const Json& value, const Json& schema, const Json& rule, const std::string& at) {
    for (const auto& [name, one] : value.items()) {
      if (schema.contains("properties") && schema.at("properties").contains(name)) continue;
      if (rule.is_object()) check(one, rule, at + "/" + name);
      if (rule.is_boolean() && !rule.get<bool>()) fault(at, "has " + name);
    }
  }

  const Json& root_;
  std::vector<std::string> faults_;
};

}  // namespace

std::vector<std::string> schema_faults(const Json& document, const Json& schema) {
  Validator validator{schema};
  validator.check(document, schema, "");
  return validator.take();
}

}  // namespace doctor::test
