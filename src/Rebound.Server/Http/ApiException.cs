using Microsoft.AspNetCore.Http;
using Rebound.Inference.Serving;

namespace Rebound.Server.Http;

/// <summary>A request that is refused, as OpenAI's protocol says it.</summary>
/// <param name="status">Of HTTP.</param>
/// <param name="type">OpenAI's kind of error, for example <c>invalid_request_error</c>.</param>
internal sealed class ApiException(int status, string type, string message, Exception? inner = null) : Exception(message, inner)
{
    private const string InvalidRequest = "invalid_request_error";

    public int Status { get; } = status;

    public string Type { get; } = type;

    /// <summary>OpenAI's code, for programs; null for none.</summary>
    public string? Code { get; init; }

    /// <summary>The member of the request that is wrong; null for none.</summary>
    public string? Parameter { get; init; }

    /// <summary>Seconds after which to try again; null where that is no use.</summary>
    public int? RetryAfter { get; init; }

    /// <param name="parameter">For example <c>messages[0].content</c>.</param>
    public static ApiException Invalid(string? parameter, string message, Exception? inner = null) =>
        new(StatusCodes.Status400BadRequest, InvalidRequest, message, inner) { Parameter = parameter };

    public static ApiException NotFound(string code, string message) =>
        new(StatusCodes.Status404NotFound, InvalidRequest, message) { Code = code };

    public static ApiException NotFound(UnknownModelException model) =>
        NotFound("model_not_found", $"{model.Message} GET /v1/models lists those that there are.");

    public static ApiException TooLong(string message) =>
        new(StatusCodes.Status400BadRequest, InvalidRequest, message) { Code = "context_length_exceeded", Parameter = "messages" };

    public static ApiException Busy(string message) =>
        new(StatusCodes.Status429TooManyRequests, "rate_limit_error", message) { Code = "queue_full", RetryAfter = 1 };

    public static ApiException Unavailable(string message) =>
        new(StatusCodes.Status503ServiceUnavailable, "unavailable_error", message) { RetryAfter = 1 };

    public static ApiException Failed(string message, Exception? inner = null) =>
        new(StatusCodes.Status500InternalServerError, "server_error", message, inner);

    public static ApiException TimedOut(string message) =>
        new(StatusCodes.Status504GatewayTimeout, "timeout_error", message) { Code = "timeout" };

    public static ApiException Forbidden(string message) =>
        new(StatusCodes.Status403Forbidden, "permission_error", message);
}
