/** How a team signs who its user is: a JWT with HS256, good for half an hour. Standard libraries alone. */
export interface SigningExample {
  readonly language: string
  readonly code: string
}

export const signingExamples: readonly SigningExample[] = [
  {
    language: 'Node.js',
    code: `import { createHmac } from 'node:crypto'

const part = (value) => Buffer.from(JSON.stringify(value)).toString('base64url')

export function identityToken(userId, secret) {
  const now = Math.floor(Date.now() / 1000)
  const text = part({ alg: 'HS256', typ: 'JWT' }) + '.' + part({ sub: userId, iat: now, exp: now + 1800 })
  return text + '.' + createHmac('sha256', secret).update(text).digest('base64url')
}`,
  },
  {
    language: 'Python',
    code: `import base64, hashlib, hmac, json, time

def part(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=")

def identity_token(user_id, secret):
    now = int(time.time())
    claims = {"sub": user_id, "iat": now, "exp": now + 1800}
    text = part(b'{"alg":"HS256","typ":"JWT"}') + b"." + part(json.dumps(claims).encode())
    return (text + b"." + part(hmac.new(secret.encode(), text, hashlib.sha256).digest())).decode()`,
  },
  {
    language: 'Ruby',
    code: `require "base64"
require "json"
require "openssl"

def identity_token(user_id, secret)
  now = Time.now.to_i
  parts = [{ alg: "HS256", typ: "JWT" }, { sub: user_id, iat: now, exp: now + 1800 }]
  text = parts.map { |part| Base64.urlsafe_encode64(part.to_json, padding: false) }.join(".")
  "#{text}.#{Base64.urlsafe_encode64(OpenSSL::HMAC.digest("SHA256", secret, text), padding: false)}"
end`,
  },
  {
    language: 'PHP',
    code: `function identity_token(string $userId, string $secret): string {
    $part = fn($bytes) => rtrim(strtr(base64_encode($bytes), '+/', '-_'), '=');
    $claims = ['sub' => $userId, 'iat' => time(), 'exp' => time() + 1800];
    $text = $part('{"alg":"HS256","typ":"JWT"}') . '.' . $part(json_encode($claims));
    return $text . '.' . $part(hash_hmac('sha256', $text, $secret, true));
}`,
  },
  {
    language: 'Go',
    code: `import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"time"
)

func identityToken(userID, secret string) string {
	now, part := time.Now().Unix(), base64.RawURLEncoding.EncodeToString
	claims, _ := json.Marshal(map[string]any{"sub": userID, "iat": now, "exp": now + 1800})
	text := part([]byte(\`{"alg":"HS256","typ":"JWT"}\`)) + "." + part(claims)
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(text))
	return text + "." + part(mac.Sum(nil))
}`,
  },
  {
    language: 'Java',
    code: `import java.util.Base64;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

class Identity {
  static String part(byte[] bytes) {
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }

  /** A user id with a quote or a backslash in it needs a JSON library for the claims. */
  static String token(String userId, String secret) throws Exception {
    long now = System.currentTimeMillis() / 1000;
    String claims = "{\\"sub\\":\\"" + userId + "\\",\\"iat\\":" + now + ",\\"exp\\":" + (now + 1800) + "}";
    String text = part("{\\"alg\\":\\"HS256\\",\\"typ\\":\\"JWT\\"}".getBytes("UTF-8")) + "." + part(claims.getBytes("UTF-8"));
    Mac mac = Mac.getInstance("HmacSHA256");
    mac.init(new SecretKeySpec(secret.getBytes("UTF-8"), "HmacSHA256"));
    return text + "." + part(mac.doFinal(text.getBytes("UTF-8")));
  }
}`,
  },
  {
    language: 'C#',
    code: `using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

static string IdentityToken(string userId, string secret) {
    static string Part(byte[] bytes) => Convert.ToBase64String(bytes).TrimEnd('=').Replace('+', '-').Replace('/', '_');
    long now = DateTimeOffset.UtcNow.ToUnixTimeSeconds();
    var claims = JsonSerializer.SerializeToUtf8Bytes(new { sub = userId, iat = now, exp = now + 1800 });
    var text = Part("""{"alg":"HS256","typ":"JWT"}"""u8.ToArray()) + "." + Part(claims);
    return text + "." + Part(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), Encoding.ASCII.GetBytes(text)));
}`,
  },
]
