using Rebound.Fuzz;

return args switch
{
    ["worker", var reader, var seed, var first, var end, var state] => FuzzCommands.Work(reader, seed, first, end, state),
    ["show", var reader, var index, .. var rest] => FuzzCommands.Show(reader, index, rest),
    ["run", .. var rest] => await FuzzCommands.RunAsync(rest),
    _ => FuzzCommands.Usage(),
};
