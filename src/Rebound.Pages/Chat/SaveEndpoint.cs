using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Rebound.Files.Json;
using Rebound.Files.Rows;

namespace Rebound.Pages.Chat;

/// <summary><c>POST /chat/save</c>: keeps what a person judged in a chat.</summary>
internal static class SaveEndpoint
{
    public const string Path = "/chat/save";

    public static async Task HandleAsync(HttpContext context, SavedConversations saved)
    {
        try
        {
            using var body = new MemoryStream();
            await context.Request.Body.CopyToAsync(body, context.RequestAborted);
            var (conversation, file) = Save(saved, StrictJson.ParseElement(body.ToArray(), DuplicateNames.LastCounts));
            await WriteAsync(context, StatusCodes.Status200OK, new JsonObject { ["conversation"] = conversation, ["file"] = file });
        }
        catch (JsonException e)
        {
            await RefuseAsync(context, StatusCodes.Status400BadRequest, $"The body is not valid JSON, {JsonProblem.Of(e)}.");
        }
        catch (DataException e)
        {
            await RefuseAsync(context, StatusCodes.Status400BadRequest, $"'{e.Field ?? "rows"}' {e.Problem}");
        }
        catch (BadHttpRequestException e)
        {
            await RefuseAsync(context, e.StatusCode, "The conversation is larger than this server takes.");
        }
        catch (IOException)
        {
            await RefuseAsync(context, StatusCodes.Status500InternalServerError, "The folder to save in cannot be written to.");
        }
        catch (UnauthorizedAccessException)
        {
            await RefuseAsync(context, StatusCodes.Status500InternalServerError, "The folder to save in cannot be written to.");
        }
    }

    private static (string Conversation, string File) Save(SavedConversations saved, JsonElement body)
    {
        if (body.ValueKind != JsonValueKind.Object || !body.TryGetProperty("rows", out var rows) || rows.ValueKind != JsonValueKind.Array)
        {
            throw new DataException("body", null, "rows", "must be a list of judged answers.");
        }

        var conversation = body.TryGetProperty("conversation", out var name) && name.ValueKind == JsonValueKind.String
            ? name.GetString()
            : null;
        return saved.Save(conversation, [.. rows.EnumerateArray()]);
    }

    private static Task RefuseAsync(HttpContext context, int status, string sentence) =>
        WriteAsync(context, status, new JsonObject { ["error"] = new JsonObject { ["message"] = sentence } });

    private static async Task WriteAsync(HttpContext context, int status, JsonObject value)
    {
        var bytes = JsonSerializer.SerializeToUtf8Bytes(value);
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json; charset=utf-8";
        context.Response.ContentLength = bytes.Length;
        await context.Response.Body.WriteAsync(bytes, context.RequestAborted);
    }
}
