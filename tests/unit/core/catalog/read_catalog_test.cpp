#include "core/catalog/read_catalog.hpp"

#include <gtest/gtest.h>

namespace understudy::catalog {
namespace {

TEST(KeepsSettingValue, NotOfApplicationSettingsThatSpeakOfSecrets) {
    for (const BytesView name :
         {"app.settings.jwt_secret", "app.API_KEY", "my.Password", "cron.token", "pgaudit.dsn"}) {
        EXPECT_FALSE(keeps_setting_value(name)) << name;
    }
    for (const BytesView name :
         {"search_path", "password_encryption", "understudy.target", "auto_explain.log_min_duration"}) {
        EXPECT_TRUE(keeps_setting_value(name)) << name;
    }
}

TEST(ReadCatalog, AConnectionStringThatDoesNotParseIsNotRepeated) {
    const auto catalog = read_catalog("postgresql://ann:hunter2@[host/shop");
    ASSERT_FALSE(catalog);
    EXPECT_EQ(catalog.error().code, Errc::usage);
    EXPECT_EQ(catalog.error().message.find("hunter2"), std::string::npos);
}

}  // namespace
}  // namespace understudy::catalog
