/* A library, and no plugin. */
int answer(void)
{
    return 42;
}
