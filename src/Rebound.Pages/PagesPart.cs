using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Components.Endpoints;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.DependencyInjection;
using Rebound.Pages.Assets;
using Rebound.Pages.Chat;
using Rebound.Pages.Errors;
using Rebound.Pages.Layout;
using Rebound.Pages.Runs;
using Rebound.Pages.SignIn;
using Rebound.Pages.Trajectories;
using Rebound.Server;
using Rebound.Study.Watching;
using Rebound.Trajectories.Browsing;

namespace Rebound.Pages;

/// <summary>Pages for a person with a browser, rendered on the server.</summary>
public sealed class PagesPart(PagesOptions options) : IServerPart
{
    private const string Api = "/v1";

    public void AddServices(IServiceCollection services)
    {
        services.AddSingleton(options);
        services.AddSingleton<Navigation>();
        services.AddSingleton(view => new TrajectoryLibrary(
            options.Data, CollectionTask.Of, view.GetRequiredService<IServerView>().Options.Clock));
        services.AddSingleton<AskedQuestions>();
        services.AddSingleton(view => new RunLibrary(options.Runs, view.GetRequiredService<IServerView>().Options.Clock));
        services.AddHttpContextAccessor();
        services.AddRazorComponents();
        services.AddHostedService<PageRehearsal>();
        services.AddAntiforgery(antiforgery => antiforgery.Cookie.Name = "rebound-form");

        services.AddDataProtection();
        services.Configure<KeyManagementOptions>(keys => keys.XmlRepository = new KeysInMemory());
    }

    public void Map(WebApplication application)
    {
        application.Use(async (context, next) =>
        {
            if (IsPage(context))
            {
                context.Response.Headers.CacheControl = "no-store";
            }

            await next(context);
        });
        application.UseAntiforgery();
        if (!application.Services.GetRequiredService<IServerView>().Options.HasModel
            && application.Services.GetRequiredService<Navigation>().Entries is [var first, ..])
        {
            application.Use((context, next) =>
            {
                if (context.Request.Path == "/")
                {
                    context.Response.Redirect(first.Path);
                    return Task.CompletedTask;
                }

                return next(context);
            });
        }

        if (options.Data.Count > 0)
        {
            // Files are read from the start, not when somebody looks.
            _ = application.Services.GetRequiredService<TrajectoryLibrary>().Look();
        }

        RunCurvesEndpoint.Map(application);
        PageAssets.Map(application);
        if (options.SaveFolder is { } folder)
        {
            var clock = application.Services.GetRequiredService<IServerView>().Options.Clock;
            var saved = new SavedConversations(folder, clock);
            application.MapPost(SaveEndpoint.Path, context => SaveEndpoint.HandleAsync(context, saved));
        }

        application.MapRazorComponents<Document>();
    }

    public async Task<bool> ShowErrorAsync(HttpContext context, int status, string sentence)
    {
        var request = context.Request;
        if (!request.Headers.Accept.ToString().Contains("text/html", StringComparison.OrdinalIgnoreCase)
            || request.Path.StartsWithSegments(Api) || (context.GetEndpoint() is not null && !IsPage(context)))
        {
            return false;
        }

        context.Response.Headers.CacheControl = "no-store";
        if (status == StatusCodes.Status401Unauthorized)
        {
            context.Response.Redirect(SignInAddress.From(request));
            return true;
        }

        // A page that failed half-way has left a header that the next one adds.
        context.Response.Headers.Remove("blazor-enhanced-nav");
        // A page that has begun in this request has taken its services; the error has its own.
        await using var services = context.RequestServices.GetRequiredService<IServiceScopeFactory>().CreateAsyncScope();
        context.RequestServices = services.ServiceProvider;
        var view = new RazorComponentResult<ErrorDocument>(new { Status = status, Sentence = sentence }) { StatusCode = status };
        await view.ExecuteAsync(context);
        return true;
    }

    private static bool IsPage(HttpContext context) => context.GetEndpoint()?.Metadata.GetMetadata<ComponentTypeMetadata>() is not null;
}
